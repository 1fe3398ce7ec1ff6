"""The ID system fails in all its ways, most of them inside an HTTP 200."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bridge.advice import Stuck
from bridge.registration import State
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.queued import queued
from wire.mosip.envelope import EnvelopeFault, failure
from wire.world import World


def said(world: World, code: str, status: int = 200, message: str = "") -> Any:
    return lambda: web.json_response(
        failure(EnvelopeFault(code, message), now=world.clock.now()), status=status
    )


async def test_packet_that_will_never_be_taken_is_stuck_and_can_be_rejected(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [
        said(stage.world, "KER-KPM-002", message="The ID schema is not valid")
    ]
    event = await queued(stage)
    registration = await stage.of(event)
    assert (registration.state, registration.reason) == (State.STUCK, Stuck.NID_REFUSED_PACKET)
    await stage.running.way.operations.reject(registration, "The office's MOSIP is not set up for this.")
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
