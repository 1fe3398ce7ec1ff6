"""Accept and reject in OpenCRVS, retried until they took effect."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bridge.advice import Stuck
from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import VID

ACCEPT = "event.actions.register.accept"
REJECT = "event.actions.register.reject"
DAY = 86400.0


async def issued(stage: Stage) -> dict[str, Any]:
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
    return event


def cut() -> web.Response:
    raise ConnectionResetError


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=502, text="<html>"),
        lambda: web.Response(text="{}"),
        cut,
    ],
    ids=["500", "502 html", "200 without an event", "reset"],
)
async def test_failed_accept_is_retried_until_it_took_effect(stage: Stage, answer: Any) -> None:
    stage.opencrvs.faults[ACCEPT] = [answer] * 3
    event = await issued(stage)
    assert (await stage.of(event)).state is State.ISSUED
    await stage.world.clock.advance(120)
    assert (await stage.of(event)).state is State.CONFIRMED
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": VID}
    transactions = {given["transactionId"] for path, given, _ in stage.opencrvs.calls if path == ACCEPT}
    assert len(transactions) == 1


async def test_acceptance_whose_answer_was_lost_is_not_made_twice(stage: Stage) -> None:
    event = await stage.submitted()
    done = stage.opencrvs._do

    def do_and_fail(path: str, given: dict[str, Any]) -> dict[str, Any]:
        stage.opencrvs._do = done  # type: ignore[method-assign]
        done(path, given)
        raise ConnectionResetError

    stage.opencrvs._do = do_and_fail  # type: ignore[method-assign]
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_expired_token_is_a_named_stuck_state_that_a_client_resolves(stage: Stage) -> None:
    event = await stage.submitted()
    await stage.world.clock.advance(8 * DAY)
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    registration = await stage.of(event)
    assert (registration.state, registration.reason) == (State.STUCK, Stuck.TOKEN_EXPIRED)
    assert (await stage.running.store.listings.pending())[0].id == registration.id
    await stage.restart(client_id="bridge", client_secret="client-secret")
    await stage.running.way.operations.retry(await stage.of(event))
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_system_client_takes_over_when_the_stored_token_has_expired(stage: Stage) -> None:
    await stage.restart(client_id="bridge", client_secret="client-secret")
    event = await stage.submitted()
    await stage.world.clock.advance(8 * DAY)
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_profile_2_1_confirms_with_the_client_and_finds_the_action_in_the_record(stage: Stage) -> None:
    await stage.restart(profile="2.1", client_id="bridge", client_secret="client-secret")
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.service_token()
    status, _ = await stage.trigger(event, token)
    assert status == 202
    await stage.world.clock.settle()
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    assert (await stage.of(event)).state is State.CONFIRMED
    used = [token for path, _, token in stage.opencrvs.calls if path == ACCEPT]
    assert used and token not in used


async def test_somebody_else_rejected_it_first(stage: Stage) -> None:
    event = await stage.submitted()
    action = event["actions"][-1]["id"]
    stage.opencrvs._do(REJECT, {"eventId": event["id"], "actionId": action, "transactionId": "by-hand"})
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    assert (await stage.of(event)).state is State.REJECTED
    assert not stage.opencrvs.accepted(event)


async def test_late_rejection_of_an_accepted_action_leaves_it_accepted(stage: Stage) -> None:
    event = await stage.submitted()
    action = event["actions"][-1]["id"]
    by_hand = {
        "eventId": event["id"],
        "actionId": action,
        "transactionId": "by-hand",
        "registrationNumber": "X1",
    }
    stage.opencrvs._do(ACCEPT, by_hand)
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED"))
    assert (await stage.of(event)).state is State.CONFIRMED
    assert not stage.opencrvs.rejected(event)


async def test_unknown_record_is_stuck_by_name(stage: Stage) -> None:
    event = await stage.submitted()
    registration = await stage.of(event)
    del stage.opencrvs.events[event["id"]]
    await stage.deliver(
        stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    )
    assert (await stage.of(event)).reason == Stuck.RECORD_UNKNOWN


async def test_opencrvs_down_for_days_ends_in_a_stuck_state_that_can_be_retried(stage: Stage) -> None:
    stage.opencrvs.faults[ACCEPT] = [lambda: web.Response(status=503)] * 10_000
    event = await issued(stage)
    await stage.world.clock.advance(4 * DAY)
    assert (await stage.of(event)).reason == Stuck.OPENCRVS_UNREACHABLE
    stage.opencrvs.faults.clear()
    await stage.running.way.operations.retry(await stage.of(event))
    await stage.world.clock.advance(200)
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_declaration_that_may_not_be_rejected_leaves_a_rejected_action(stage: Stage) -> None:
    forbidden = {
        "error": {
            "json": {"message": "FORBIDDEN", "code": -32003, "data": {"code": "FORBIDDEN", "httpStatus": 403}}
        }
    }
    stage.opencrvs.faults["event.actions.reject.request"] = [
        lambda: web.json_response([forbidden], status=403)
    ]
    event = await stage.submitted()
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED"))
    assert (await stage.of(event)).state is State.REJECTED
    assert len(stage.opencrvs.rejected(event)) == 1
    assert stage.opencrvs.calls[-1][0] == "event.actions.assignment.unassign"
