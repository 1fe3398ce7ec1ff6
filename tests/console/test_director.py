"""What the buttons of the console do to the three systems."""

from __future__ import annotations

import pytest

from tests.console.conftest import House
from tests.console.watched import counted, declared, row, stage, told, until, waiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_birth_goes_its_way_until_it_is_registered(house: House) -> None:
    record, after = await waiting(house)
    await until(house, counted("in-external-validation", 1), after)
    assert (await house.act("decide", {"record": record, "outcome": "issue"}))[0] == 200
    await until(house, told("accept.done"), after)
    await until(house, stage(record, "registered"), after)
    shown = row(house, record)
    assert shown["number"] and len(shown["nationalId"]) == 4
    keys = [frame["step"]["key"] for frame in house.console.session.after(after) if "step" in frame]
    story = [
        "clicked",
        "trigger.register.later",
        "packet.done",
        "process.done",
        "nid.issue",
        "delivery.issued.done",
        "accept.done",
    ]
    assert [key for key in keys if key in story] == story
    before = house.console.session.last
    assert (await house.act("deliver-again", {"record": record}))[0] == 200
    await until(house, told("delivery.issued.done"), before)
    await until(house, told("again.same"), before)


async def test_a_rejection_comes_back_with_its_reason(house: House) -> None:
    record, after = await waiting(house)
    body = {"record": record, "outcome": "reject", "reason": "Known under another name"}
    assert (await house.act("decide", body))[0] == 200
    await until(house, stage(record, "rejected"), after)


async def test_silence_ends_with_a_person(house: House) -> None:
    record, after = await waiting(house)
    assert (await house.act("decide", {"record": record, "outcome": "stall"}))[0] == 200
    await until(house, stage(record, "silent"), after)
    assert (await house.act("clock", {"seconds": 15 * 86400}))[0] == 200
    await until(house, stage(record, "stuck"), after)
    await until(house, told("stuck"), after)
    body = {"record": record, "what": "reject", "reason": "No answer in two weeks"}
    assert (await house.act("operate", body))[0] == 200
    await until(house, stage(record, "rejected"), after)


async def test_a_cut_line_is_seen_and_mended(house: House) -> None:
    assert (await house.act("line", {"line": "nid", "cut": True}))[0] == 200
    after = house.console.session.last
    record = await declared(house)
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "queued-trouble"), after)
    assert house.console.session.picture["lines"] == {"opencrvs": "whole", "nid": "cut"}  # type: ignore[index]
    assert (await house.act("line", {"line": "nid", "cut": False}))[0] == 200
    assert house.servers.nid.faults.listed() == []
    assert (await house.act("clock", {"seconds": 3600}))[0] == 200
    await until(house, stage(record, "processing"), after)


async def test_a_question_that_never_arrived_is_named(house: House) -> None:
    after = house.console.session.last
    record = await declared(house)
    assert (await house.act("line", {"line": "opencrvs", "cut": True}))[0] == 200
    try:
        assert (await house.act("register", {"record": record}))[0] == 200
        await until(house, stage(record, "forgotten"), after)
        status, problem = await house.act("declare", {"event": "birth"})
        assert (status, problem["key"]) == (502, "registrar-failed")
    finally:
        assert (await house.act("line", {"line": "opencrvs", "cut": False}))[0] == 200
    assert (await house.act("release", {"record": record}))[0] == 200
    await until(house, stage(record, "rejected"), after)
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "processing"), after)


async def test_the_bridge_crashes_and_goes_on(house: House) -> None:
    record, after = await waiting(house)
    assert (await house.act("restart-bridge", {}))[0] == 200
    await until(house, told("bridge.up"), after)
    assert (await house.act("decide", {"record": record, "outcome": "issue"}))[0] == 200
    await until(house, stage(record, "registered"), after)


async def test_a_death_of_somebody_whom_the_id_system_knows(house: House) -> None:
    after = house.console.session.last
    assert (await house.act("answers", {"mode": "itself"}))[0] == 200
    record = await declared(house, "death")
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "registered"), after)
    assert (await house.act("answers", {"mode": "ask"}))[0] == 200


async def test_what_cannot_be_done_is_said(house: House) -> None:
    record = await declared(house)
    status, problem = await house.act("decide", {"record": record, "outcome": "issue"})
    assert (status, problem["key"]) == (409, "no-open-packet")
    status, problem = await house.act("register", {"record": "00000000-0000-4000-8000-000000000000"})
    assert (status, problem["key"]) == (404, "no-record")
    status, problem = await house.act("operate", {"record": record, "what": "retry"})
    assert (status, problem["key"]) == (409, "nothing-to-operate")


async def test_a_person_at_the_id_system_decides_about_an_identity(house: House) -> None:
    record, after = await waiting(house)
    status, problem = await house.act("ask-change", {"record": record})
    assert (status, problem["key"]) == (409, "no-identity")
    await house.act("decide", {"record": record, "outcome": "issue"})
    await until(house, stage(record, "registered"), after)
    packet = next(one for one in house.servers.nid.registrations if one.id == row(house, record)["packet"])
    for approve, status_of in ((False, "ACTIVATED"), (True, "DEACTIVATED")):
        assert (await house.act("ask-change", {"record": record}))[0] == 200
        assert house.console.session.picture is not None
        ((case, wish, who),) = [one.values() for one in house.console.session.picture["cases"]]
        assert (wish, who) == ("deactivate", row(house, record)["name"])
        assert (await house.act("ask-change", {"record": record}))[1]["key"] == "no-identity"
        assert (await house.act("decide-change", {"case": case, "approve": approve}))[0] == 200
        assert house.servers.nid.people.persons[str(packet.uin)].status == status_of
        assert house.console.session.picture["cases"] == []
    for key in ("asked.deactivate", "rejected", "approved.deactivate"):
        await until(house, told(f"change.{key}"), after)
    assert row(house, record)["stage"] == "registered", "nobody tells OpenCRVS"
    status, problem = await house.act("decide-change", {"case": case, "approve": True})
    assert (status, problem["key"]) == (409, "no-case")
    assert "ask-reactivate" in row(house, record)["can"]
    status, problem = await house.act("ask-change", {"record": record})
    assert (status, problem["key"]) == (409, "change-refused")
    assert "does not reactivate by default" in str(problem["params"])
