"""The ID system fails in all its ways, most of them inside an HTTP 200."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bridge.registration import State, Stuck
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.queued import queued
from wire.mosip.envelope import EnvelopeFault, failure
from wire.world import World

HOUR, DAY = 3600.0, 86400.0


def said(world: World, code: str, status: int = 200, message: str = "") -> Any:
    return lambda: web.json_response(
        failure(EnvelopeFault(code, message), now=world.clock.now()), status=status
    )


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


async def test_packet_that_will_never_be_taken_is_stuck_and_can_be_rejected(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [
        said(stage.world, "KER-KPM-002", message="The ID schema is not valid")
    ]
    event = await queued(stage)
    registration = await stage.of(event)
    assert (registration.state, registration.reason) == (State.STUCK, Stuck.NID_REFUSED_PACKET)
    await stage.running.operations.reject(registration, "The office's MOSIP is not set up for this.")
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.REJECTED
    [reject] = [a for a in stage.opencrvs.events[event["id"]]["actions"] if a["type"] == "REJECT"]
    assert reject["content"]["reason"] == "The office's MOSIP is not set up for this."


@pytest.mark.parametrize("seam", ["authenticate", "createPacket", "workflowinstance"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=503, text="<html>"),
        lambda: web.Response(text="{", content_type="application/json"),
        lambda: web.json_response({"errors": [{"errorCode": "500", "message": "boom"}]}, status=500),
        lambda: web.Response(text="[1]", content_type="application/json"),
    ],
    ids=["503", "truncated", "500", "a list"],
)
async def test_trouble_at_every_seam_is_retried(stage: Stage, seam: str, answer: Any) -> None:
    stage.mosip.faults[seam] = [answer] * 2
    event = await queued(stage)
    await stage.world.clock.advance(300)
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_refused_token_is_renewed_once(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-ATH-401", status=401)]
    before = stage.mosip.asked["authenticate"]
    event = await queued(stage)
    assert (await stage.of(event)).state is State.SUBMITTED
    assert stage.mosip.asked["authenticate"] == before + 2


async def test_tokens_are_kept_between_calls(stage: Stage) -> None:
    before = stage.mosip.asked["authenticate"]
    for _ in range(5):
        await queued(stage)
    assert stage.mosip.asked["authenticate"] == before + 1


async def test_an_id_system_that_is_down_is_not_hammered(stage: Stage) -> None:
    stage.mosip.down = True
    events = [await queued(stage) for _ in range(30)]
    before = sum(stage.mosip.asked.values())
    await stage.world.clock.advance(6 * HOUR)
    assert sum(stage.mosip.asked.values()) - before < 400
    stage.mosip.down = False
    await stage.world.clock.advance(HOUR)
    assert {(await stage.of(event)).state for event in events} == {State.SUBMITTED}


async def test_acknowledgement_that_fails_does_not_undo_the_registration(stage: Stage) -> None:
    event = await queued(stage)
    rid = (await stage.of(event)).packet_id
    stage.mosip.faults["hub"] = [
        lambda: web.Response(text="hub.mode=denied&hub.reason=Publisher is not authorized")
    ]
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    assert (await stage.of(event)).state is State.CONFIRMED
    assert not stage.mosip.published
    await stage.world.clock.advance(60)
    assert len(stage.mosip.published) == 1
