"""Counted registration numbers: one for each action, none twice, whatever is repeated, killed or shared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.app import start
from bridge.country.numbering import Series
from bridge.registration import PacketIdTaken
from bridge.settings import Settings
from bridge.store.numbers import Numbers
from bridge.store.statements import BEGIN_COUNT, new
from bridge.store.store import Store
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from wire.keyfolder import KeyFolder

COUNTED = "{office}/{sequence:04}/{year}"
IBOMBO = "b3d1c2aa-0000-4000-8000-00000000000f"
ISAMBA = "b3d1c2aa-0000-4000-8000-000000000010"
CODES = f"{IBOMBO}=IB,{ISAMBA}=IS"
OLD_CHILD = {**BIRTH, "child.dob": "2010-01-01"}


@pytest.fixture(params=["sqlite", "postgresql"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Stage]:
    more: dict[str, Any] = {"number_template": COUNTED, "office_codes": CODES}
    if request.param == "postgresql":
        more["database_url"] = empty(request.getfixturevalue("postgres"))
    stage = await set_up(tmp_path, keys, **more)
    yield stage
    await stage.close()


@pytest.fixture
async def replicas(postgres: Any, tmp_path: Path, keys: KeyFolder) -> AsyncIterator[tuple[Stage, Stage]]:
    """Two bridges on one PostgreSQL, between the same stubs."""
    more = {"number_template": COUNTED, "office_codes": CODES, "database_url": empty(postgres)}
    first = await set_up(tmp_path, keys, **more)
    running = await start(Settings(**first.settings), first.world)
    yield first, Stage(first.world, first.opencrvs, first.mosip, first.settings, running)
    await running.close()
    await first.close()


def empty(postgres: Any) -> str:
    return str(postgres.get_uri())


def birth(stage: Stage, office: str | None = IBOMBO, declaration: dict[str, Any] = BIRTH) -> dict[str, Any]:
    event = stage.opencrvs.record("birth", declaration)
    event["actions"][-1]["createdAtLocation"] = office
    return event


async def told(stage: Stage, event: dict[str, Any]) -> str:
    """The number of a birth that is registered without the ID system."""
    status, body = await stage.trigger(event)
    assert status == 200, body
    return str(body["registrationNumber"])


async def test_offices_count_by_themselves_and_the_whole_way_agrees_on_the_number(stage: Stage) -> None:
    events = [birth(stage, office) for office in (IBOMBO, ISAMBA, IBOMBO)]
    for event in events:
        assert (await stage.trigger(event))[0] == 202
        await stage.world.clock.settle()
    numbers = ["IB/0001/2026", "IS/0001/2026", "IB/0002/2026"]
    for event, number in zip(events, numbers, strict=True):
        rid = (await stage.of(event)).packet_id
        assert stage.mosip.packets[rid]["fields"]["birthCertificateNumber"] == number
        # a credential with its own number is believed, one with a neighbour's changes nothing
        wrong = {"VID": "4703420631835716", "birthCertificateNumber": "IB/0003/2026"}
        await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid, **wrong)))
        assert not stage.opencrvs.accepted(event)
        right = wrong | {"birthCertificateNumber": number}
        await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid, **right)))
        [accepted] = stage.opencrvs.accepted(event)
        assert accepted["registrationNumber"] == number


async def test_repeated_trigger_keeps_its_number_and_takes_no_other(stage: Stage) -> None:
    event, old = birth(stage), birth(stage, declaration=OLD_CHILD)
    token = stage.opencrvs.token(event)
    assert [(await stage.trigger(event, token))[0] for _ in range(3)] == [202] * 3
    assert (await stage.of(event)).number == "IB/0001/2026"
    assert [await told(stage, old) for _ in range(3)] == ["IB/0002/2026"] * 3
    assert await told(stage, birth(stage, declaration=OLD_CHILD)) == "IB/0003/2026"


async def test_a_new_year_begins_anew_and_what_was_told_stays(stage: Stage) -> None:
    old = birth(stage, declaration=OLD_CHILD)
    assert await told(stage, old) == "IB/0001/2026"
    await stage.running.close()  # which has much to do in so many days
    await stage.world.clock.advance(310 * 86400)
    await stage.restart(kill=False)
    assert await told(stage, old) == "IB/0001/2026"
    assert await told(stage, birth(stage, declaration=OLD_CHILD)) == "IB/0001/2027"


async def test_synchronous_answer_repeats_its_number(stage: Stage) -> None:
    await stage.restart(kill=False, mode="sync")
    event = birth(stage)
    token = stage.opencrvs.token(event)
    first = await stage.trigger(event, token)
    await stage.world.clock.settle()  # the bridge has noted that OpenCRVS was answered
    assert first[1]["registrationNumber"] == "IB/0001/2026"
    assert await stage.trigger(event, token) == first


async def test_crash_between_number_and_registration_keeps_the_number(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crashes(*_: object, **__: object) -> Any:
        raise PacketIdTaken

    event = birth(stage)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "add", crashes)
        assert (await stage.trigger(event))[0] == 503
    await stage.restart()
    neighbour = birth(stage)
    assert (await stage.trigger(neighbour))[0] == (await stage.trigger(event))[0] == 202
    assert (await stage.of(event)).number == "IB/0001/2026"
    assert (await stage.of(neighbour)).number == "IB/0002/2026"


async def test_registered_again_after_a_rejection_it_gets_the_next_number(stage: Stage) -> None:
    event = birth(stage, declaration=OLD_CHILD)
    assert await told(stage, event) == "IB/0001/2026"
    again = stage.opencrvs.record("birth", OLD_CHILD)["actions"][-1] | {"createdAtLocation": IBOMBO}
    event["actions"].append(again)
    assert await told(stage, event) == "IB/0002/2026"


async def test_office_of_a_system_client_is_the_last_one_that_had_the_record(stage: Stage) -> None:
    event = birth(stage, None, OLD_CHILD)
    event["actions"][0]["createdAtLocation"] = IBOMBO
    event["actions"][1]["createdAtLocation"] = ISAMBA
    assert await told(stage, event) == "IS/0001/2026"


@pytest.mark.parametrize(("office", "refusal"), [(None, 422), ("", 422), (7, 400), ({}, 400)])
async def test_record_of_no_office_is_refused_in_words(stage: Stage, office: Any, refusal: int) -> None:
    event = birth(stage, office)
    status, body = await stage.trigger(event)
    assert status == refusal
    assert "createdAtLocation" in body["detail"]


async def test_number_of_another_series_is_left_out(stage: Stage) -> None:
    store = stage.running.store
    assert await store.numbers.count("first", "action", Series("", "-2")) == "1-2"
    # another template comes to the same text
    assert await store.numbers.count("second", "action", Series("1-", "")) == "1-1"
    assert await store.numbers.count("third", "action", Series("1-", "")) == "1-3"


async def test_counter_that_was_set_by_hand_goes_on_from_there(stage: Stage, tmp_path: Path) -> None:
    def by_hand(session: Any) -> None:
        session.run(BEGIN_COUNT, new({"key": "IB/{sequence}/2026", "value": 522}))

    await stage.running.store._writer.run(by_hand)
    assert await told(stage, birth(stage, declaration=OLD_CHILD)) == "IB/0523/2026"


async def test_replicas_that_count_at_once_give_no_number_twice(replicas: tuple[Stage, Stage]) -> None:
    events = [birth(replicas[0], (IBOMBO, ISAMBA)[n % 2], OLD_CHILD) for n in range(60)]
    numbers = await asyncio.gather(*(told(replicas[n // 2 % 2], event) for n, event in enumerate(events)))
    assert sorted(numbers) == [f"{code}/{n:04}/2026" for code in ("IB", "IS") for n in range(1, 31)]


async def test_the_same_trigger_at_both_replicas_has_one_number(replicas: tuple[Stage, Stage]) -> None:
    events = [birth(replicas[0], declaration=OLD_CHILD) for _ in range(8)]
    asked = [(stage, event) for event in events for stage in replicas * 2]
    numbers = await asyncio.gather(*(told(stage, event) for stage, event in asked))
    assert [len(set(numbers[at : at + 4])) for at in range(0, len(numbers), 4)] == [1] * 8
    assert sorted(set(numbers)) == [f"IB/{n:04}/2026" for n in range(1, 9)]


async def test_number_of_the_tracking_id_costs_no_transaction(
    tmp_path: Path, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counted(*_: object) -> str:
        raise AssertionError("counted")

    monkeypatch.setattr(Numbers, "count", counted)
    stage = await set_up(tmp_path, keys)
    event = await stage.submitted()
    assert (await stage.of(event)).number == f"2026B{event['trackingId']}"
    await stage.close()
