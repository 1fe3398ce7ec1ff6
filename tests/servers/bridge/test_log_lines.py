"""Every log line about a record names it: by registration, or by event before there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bridge.registration import State
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage
from tests.servers.bridge.stubs import TOPIC
from tests.servers.bridge.test_work import said

Lines = list[Any]

ABOUT_NO_RECORD = {"subscribed", "not subscribed", "listening", "destination rests", "destination is back"}


@pytest.fixture
def lines(stage: Stage) -> Iterator[Lines]:
    """What is logged after the start, with the context of the task that logs."""
    with capture_logs(processors=[merge_contextvars]) as captured:
        yield captured


async def about(stage: Stage, event: dict[str, Any], lines: Lines) -> Lines:
    """The lines so far, each of which must name this record; at least one."""
    registration = await stage.running.store.lookups.by_action(event["id"], event["actions"][2]["id"])
    told = [line for line in lines if line["event"] not in ABOUT_NO_RECORD]
    assert told
    for line in told:
        names = {line.get("event_id"), line.get("registration")}
        assert names & {event["id"], registration.id if registration else None} - {None}, line
        assert names <= {event["id"], registration.id if registration else None, None}, line
    return told


def events(lines: Lines) -> list[str]:
    return [line["event"] for line in lines if line["event"] not in ABOUT_NO_RECORD]


async def test_from_trigger_to_confirmed(stage: Stage, lines: Lines) -> None:
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    body = stage.mosip.event(rid, stage.mosip.credential(rid))
    assert [await stage.deliver(body), await stage.deliver(body)] == [200, 200]
    assert (await stage.of(event)).state is State.CONFIRMED
    assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
    await about(stage, event, lines)
    assert events(lines) == [
        *("queued", "submitted", "issued", "accepted", "delivery repeated", "delivery too late")
    ]


async def test_refused_by_the_id_system(stage: Stage, lines: Lines) -> None:
    event = await stage.submitted()
    assert await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED")) == 200
    assert (await stage.of(event)).state is State.REJECTED
    await about(stage, event, lines)
    assert events(lines) == ["queued", "submitted", "refused", "rejected"]


async def test_postponed_stuck_and_decided_by_an_operator(stage: Stage, lines: Lines) -> None:
    stage.mosip.faults["createPacket"] = [lambda: web.Response(status=503), said(stage.world, "KER-KPM-002")]
    event = await stage.submitted()
    await stage.world.clock.advance(60)
    path = f"/operations/registrations/{event['id']}"
    assert (await ask(stage, "POST", f"{path}/reject", reason="Registered elsewhere."))[0] == 200
    await stage.world.clock.settle()
    assert (await ask(stage, "POST", f"{path}/retry"))[0] == 409
    told = await about(stage, event, lines)
    assert events(told) == ["queued", "again later", "stuck", "refused", "rejected", "refused"]
    assert told[-1]["status"] == 409


async def test_a_defect_in_the_work_of_one_record(
    stage: Stage, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(stage.running.nid, "submit", broken)
    event = await stage.submitted()
    await stage.world.clock.advance(2)  # the first try was begun by the trigger, the second by the outbox
    await about(stage, event, lines)
    assert events(lines) == ["queued", *["unexpected error", "again later"] * 2]


@pytest.mark.parametrize("stage", [{"mode": "sync"}], indirect=True)
async def test_asked_synchronously(stage: Stage, lines: Lines) -> None:
    stage.mosip.faults["uin"] = [lambda: web.Response(status=503)]
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 503
    await stage.world.clock.advance(60)
    await about(stage, event, lines)
    assert "no synchronous answer" in events(lines)


async def test_a_trigger_that_is_answered_4xx(stage: Stage, lines: Lines) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    url = f"{stage.running.trigger_url}/trigger/events/birth/actions/REGISTER"
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    async with ClientSession() as session, session.post(url, data=b"[", headers=headers) as answer:
        assert answer.status == 400
    assert (await stage.trigger(event, stage.opencrvs.token(event, scope=[])))[0] == 403
    assert (await stage.trigger(event, stage.opencrvs.token(event, actionId="x")))[0] == 400
    event["actions"][1]["declaration"] = {**BIRTH, "mother.nid": {"no": "text"}}
    assert (await stage.trigger(event))[0] == 422
    told = await about(stage, event, lines)
    assert [line["status"] for line in told] == [400, 403, 400, 422]


async def test_the_mediators_registration_that_is_answered_4xx(stage: Stage, lines: Lines) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    for path in ("/events/registration", "/events/update-biographics"):
        assert (await ask(stage, "POST", path, token=token, trackingId="A1", requestFields={}))[0] == 400
    assert [line["status"] for line in await about(stage, event, lines)] == [400, 400]


async def test_not_forwarded(stage: Stage, lines: Lines) -> None:
    event = stage.opencrvs.record("birth", {**BIRTH, "child.dob": "1990-01-01"})
    assert (await stage.trigger(event))[0] == 200
    await about(stage, event, lines)
    assert events(lines) == ["registered without the ID system"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"data_share_uri": "http://elsewhere.example/share"}, 422),
        ({"topic": "another/CREDENTIAL_ISSUED", "sealed": "x"}, 400),
        ({"sealed": "no seal"}, 422),
    ],
)
async def test_a_delivery_that_is_not_believed(
    stage: Stage, lines: Lines, more: dict[str, Any], status: int
) -> None:
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    assert await stage.deliver(stage.mosip.event(rid, more.pop("sealed", None), **more)) == status
    await about(stage, event, lines)
    assert events(lines)[-1] == "refused"


async def test_a_workflow_event_of_another_process(stage: Stage, lines: Lines) -> None:
    event = await stage.submitted()
    body = stage.mosip.ended((await stage.of(event)).packet_id, "PROCESSED", "CRVS_DEATH")
    assert await stage.deliver(body) == 400
    await about(stage, event, lines)
    assert events(lines)[-1] == "refused"


async def test_a_credential_that_is_not_ours_names_its_packet(stage: Stage, lines: Lines) -> None:
    other = "10001100049999999999999999999"
    assert await stage.deliver(stage.mosip.event(other, "x")) == 200
    [line] = lines
    assert (line["packet"], line.get("registration")) == (other, None)


async def test_a_batch_of_questions_names_each_record_alone(stage: Stage, lines: Lines) -> None:
    births = [await stage.submitted() for _ in range(2)]
    death = await stage.submitted("death", DEATH)
    packets = [(await stage.of(event)).packet_id for event in births]
    stage.mosip.standing = {packets[0]: "REJECTED", packets[1]: "REREGISTER"}
    lines.clear()
    await stage.world.clock.advance(3600)
    assert {(await stage.of(event)).state for event in births} == {State.REJECTED}
    assert (await stage.of(death)).state is State.SUBMITTED
    registrations = [await stage.of(event) for event in births]
    for registration in registrations:
        mine = [line for line in lines if line.get("registration") == registration.id]
        assert [line["event"] for line in mine] == ["refused", "rejected"]
        assert {line["event_id"] for line in mine} == {registration.event_id}
    assert len(events(lines)) == 4


async def test_what_concerns_a_whole_batch_names_all_of_it(stage: Stage, lines: Lines) -> None:
    ids = {(await stage.of(await stage.submitted())).id for _ in range(3)}
    stage.mosip.faults["status"] = [lambda: web.json_response({}, status=403)]
    lines.clear()
    await stage.world.clock.advance(3600)
    [line] = [line for line in lines if line["event"] == "status cannot be asked"]
    assert set(line["registrations"]) == ids


async def test_one_that_was_answered_meanwhile_does_not_stop_the_batch(stage: Stage, lines: Lines) -> None:
    first, second = await stage.submitted(), await stage.submitted()
    before = [await stage.of(first), await stage.of(second)]
    stage.mosip.standing = {registration.packet_id: "REJECTED" for registration in before}
    assert await stage.deliver(stage.mosip.ended(before[0].packet_id, "REJECTED")) == 200
    lines.clear()
    await stage.running.way.work.poll(before)
    await stage.world.clock.settle()
    assert (await stage.of(second)).state is State.REJECTED
    [line] = [line for line in lines if line["event"] == "overtaken"]
    assert line["registration"] == before[0].id


async def test_no_name_leaks_into_the_next_request(stage: Stage, lines: Lines) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    url = f"{stage.running.trigger_url}/trigger/events/birth/actions/REGISTER"
    good = {"Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    async with ClientSession() as session:  # one connection, kept alive
        async with session.post(url, json=event, headers=good) as answer:
            assert answer.status == 202
        await stage.world.clock.settle()
        lines.clear()
        async with session.post(url, json=event) as answer:
            assert answer.status == 401
    assert await stage.deliver(stage.mosip.event("1" * 29, "x", topic=TOPIC)) == 200
    for line in lines:
        assert "event_id" not in line and "registration" not in line, line
    assert len(lines) == 2
