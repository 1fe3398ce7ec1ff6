"""Killed between each pair of steps: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.test_confirmation import ACCEPT


class Hang:
    """An answer that never comes; tells when it was asked for."""

    def __init__(self, stage: Stage) -> None:
        self.reached, self._clock = asyncio.Event(), stage.world.clock

    def __call__(self) -> web.Response:
        hang = self

        class Never(web.Response):
            async def prepare(self, request: web.BaseRequest) -> Any:
                hang.reached.set()
                await hang._clock.sleep(10**6)
                return await super().prepare(request)

        return Never()


@pytest.mark.parametrize("seam", ["authenticate", "createPacket", "workflowinstance"])
async def test_killed_while_submitting(stage: Stage, seam: str) -> None:
    hang = Hang(stage)
    if seam == "authenticate":
        await stage.restart()
    stage.mosip.faults[seam] = [hang]
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    await hang.reached.wait()
    await stage.restart(kill=True)
    await stage.world.clock.advance(1)
    registration = await stage.of(event)
    assert registration.state is State.SUBMITTED
    assert list(stage.mosip.started) == [registration.packet_id]


async def test_killed_while_confirming(stage: Stage) -> None:
    hang = Hang(stage)
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    stage.opencrvs.faults[ACCEPT] = [hang]
    assert (
        await stage.mosip.deliver(stage.callback, stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
    )
    await hang.reached.wait()
    await stage.restart(kill=True)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_killed_while_waiting_for_the_delivery(stage: Stage) -> None:
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    await stage.restart(kill=True)
    assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_stopped_gracefully_finishes_what_is_under_way(stage: Stage) -> None:
    events = [stage.opencrvs.record("birth", BIRTH) for _ in range(10)]
    await asyncio.gather(*(stage.trigger(event) for event in events))
    await stage.restart(kill=False)
    assert {(await stage.of(event)).state for event in events} == {State.SUBMITTED}
    assert len(stage.mosip.started) == 10


async def test_delivery_that_overtakes_the_note_of_the_submission(stage: Stage) -> None:
    hang = Hang(stage)
    event = stage.opencrvs.record("birth", BIRTH)
    stage.mosip.faults["workflowinstance"] = [hang]
    await stage.trigger(event)
    await hang.reached.wait()
    rid = (await stage.of(event)).packet_id
    assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
    assert len(stage.opencrvs.accepted(event)) == 1
    await stage.world.clock.advance(300)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1
