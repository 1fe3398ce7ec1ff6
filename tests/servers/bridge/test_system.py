"""Packets are created and processed once, whatever is lost on the way."""

from __future__ import annotations

from aiohttp import web

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.queued import queued
from tests.servers.bridge.test_work import said


async def test_swallowed_packet_is_sent_again(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [lambda: web.json_response({"response": None, "errors": []})] * 2
    event = await queued(stage)
    assert (await stage.of(event)).state is State.QUEUED
    await stage.world.clock.advance(30)
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_packet_that_was_created_is_not_created_again(stage: Stage) -> None:
    stage.mosip.faults["workflowinstance"] = [said(stage.world, "RPR-WIS-000")] * 2
    event = await queued(stage)
    assert (await stage.of(event)).step == "created"
    await stage.world.clock.advance(30)
    assert (await stage.of(event)).state is State.SUBMITTED
    assert stage.mosip.asked["createPacket"] == 1


async def test_workflow_that_is_already_present_counts_as_done(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    stage.mosip.faults["workflowinstance"] = [said(stage.world, "RPR-WIS-001")]
    await stage.trigger(event)
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.SUBMITTED
