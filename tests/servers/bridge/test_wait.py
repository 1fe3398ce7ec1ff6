"""An ID system that is silent: asked where the packet stands, until patience ends."""

from __future__ import annotations

from aiohttp import web

from bridge.advice import Stuck
from bridge.registration import State
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.queued import queued

HOUR, DAY = 3600.0, 86400.0


async def test_silence_ends_in_a_named_stuck_state(stage: Stage) -> None:
    await stage.restart(client_id="bridge", client_secret="secret")
    event = await queued(stage)
    await stage.world.clock.advance(15 * DAY)
    registration = await stage.of(event)
    assert (registration.state, registration.reason) == (State.STUCK, Stuck.NID_SILENT)
    # the late answer is taken all the same
    await stage.deliver(
        stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    )
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_done_without_a_credential_is_stuck_when_none_can_be_fetched(stage: Stage) -> None:
    event = await queued(stage)
    stage.mosip.standing[(await stage.of(event)).packet_id] = "UIN_GENERATED"
    await stage.world.clock.advance(3 * HOUR)
    assert (await stage.of(event)).reason == Stuck.CREDENTIAL_MISSING


async def test_status_that_may_not_be_asked_leaves_the_patience(stage: Stage) -> None:
    stage.mosip.faults["status"] = [
        lambda: web.json_response({"errors": [{"errorCode": "KER-ATH-403"}]}, status=403)
    ] * 999
    event = await queued(stage)
    await stage.world.clock.advance(2 * DAY)
    assert (await stage.of(event)).state is State.SUBMITTED
    await stage.world.clock.advance(13 * DAY)
    assert (await stage.of(event)).reason == Stuck.NID_SILENT
