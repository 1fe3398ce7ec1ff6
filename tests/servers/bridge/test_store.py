"""A database that takes no writing: 503 with Retry-After at every route; nothing is lost when it is well."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession, web

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, OPERATIONS, Stage

READ_ONLY = ("PRAGMA query_only = 1", "PRAGMA query_only = 0")
FULL = ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823")
"""The smallest that it may be is what the file has: no page can be added."""


def say(stage: Stage, pragma: str) -> None:
    """To the bridge's own connection, as the disk would."""
    lane: Any = stage.running.store._writer
    lane._connection.execute(pragma).fetchall()


async def calls(stage: Stage, waiting: dict[str, Any]) -> list[tuple[int, str | None]]:
    """(status, Retry-After) of everything that writes."""
    running, opencrvs, mosip = stage.running, stage.opencrvs, stage.mosip
    fresh = opencrvs.record("birth", BIRTH)
    packet = (await stage.of(waiting)).packet_id
    owner = {"Authorization": f"Bearer {OPERATIONS}"}
    answers = []
    asked: list[tuple[str, str, dict[str, str], Any]] = [
        (
            "POST",
            f"{running.trigger_url}/trigger/events/birth/actions/REGISTER",
            {"Authorization": f"Bearer {opencrvs.token(fresh)}"},
            fresh,
        ),
        (
            "DELETE",
            f"{running.mediator_url}/debug/transactions/{packet}",
            {"Authorization": f"Bearer {opencrvs.token(waiting)}"},
            None,
        ),
        (
            "POST",
            f"{running.mediator_url}/operations/registrations/{packet}/reject",
            owner,
            {"reason": "Not for the register."},
        ),
    ]
    async with ClientSession() as session:
        for method, url, headers, body in asked:
            async with session.request(method, url, headers=headers, json=body) as answer:
                answers.append((answer.status, answer.headers.get("Retry-After")))
    for body in (
        mosip.event(packet, mosip.credential(packet, VID="4703420631835716")),
        mosip.ended(packet, "PROCESSED"),
        mosip.ended(packet, "REJECTED"),
    ):
        answers.append((await mosip.deliver(stage.callback, body), "5"))
    return answers


@pytest.mark.parametrize(("sick", "well"), [READ_ONLY, FULL], ids=["read-only", "full"])
async def test_every_route_that_writes_says_503(stage: Stage, sick: str, well: str) -> None:
    waiting = await stage.submitted()
    say(stage, sick)
    if sick == FULL[0]:  # until the free places of the file's last pages are used up
        for _ in range(20):
            await stage.trigger(stage.opencrvs.record("birth", BIRTH))
    answers = await calls(stage, waiting)
    allowed = {503} if sick == READ_ONLY[0] else {200, 409, 503}
    assert {status for status, _ in answers} <= allowed, answers
    assert answers[0][0] == 503 and all(wait == "5" for status, wait in answers if status == 503)
    if sick == READ_ONLY[0]:
        assert (await stage.of(waiting)).state is State.SUBMITTED
    say(stage, well)
    if sick == READ_ONLY[0]:
        packet = (await stage.of(waiting)).packet_id
        body = stage.mosip.event(packet, stage.mosip.credential(packet, VID="4703420631835716"))
        assert await stage.deliver(body) == 200
        await stage.world.clock.advance(60)
        assert (await stage.of(waiting)).state is State.CONFIRMED
    assert (await stage.trigger(stage.opencrvs.record("birth", BIRTH)))[0] == 202


def hooked(stage: Stage, at: str, pragma: str) -> None:
    """The store falls ill while the ID system or OpenCRVS is asked: what was said cannot be noted."""

    def answer() -> web.Response:
        say(stage, pragma)
        return web.Response(status=502)

    (stage.opencrvs if "." in at else stage.mosip).faults[at] = [answer]


@pytest.mark.parametrize("step", ["createPacket", "workflowinstance", "event.actions.register.accept"])
async def test_work_that_could_not_be_noted_goes_on_soon(stage: Stage, step: str) -> None:
    hooked(stage, step, READ_ONLY[0])
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    await stage.world.clock.settle()
    if "." in step:
        packet = (await stage.of(event)).packet_id
        assert await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet))) == 200
    asked = stage.mosip.asked.total() + len(stage.opencrvs.calls)
    await stage.world.clock.advance(600)
    assert stage.mosip.asked.total() + len(stage.opencrvs.calls) - asked < 40, "nothing can be noted"
    say(stage, READ_ONLY[1])
    await stage.world.clock.advance(90)
    assert (await stage.of(event)).state is (State.CONFIRMED if "." in step else State.SUBMITTED)


async def test_polls_that_could_not_be_noted_go_on_soon(stage: Stage) -> None:
    events = [await stage.submitted() for _ in range(3)]
    hooked(stage, "status", READ_ONLY[0])
    await stage.world.clock.advance(3700)
    for event in events:
        packet = (await stage.of(event)).packet_id
        stage.mosip.standing[packet] = "REJECTED"
    say(stage, READ_ONLY[1])
    await stage.world.clock.advance(90)
    assert {(await stage.of(event)).state for event in events} == {State.REJECTED}
