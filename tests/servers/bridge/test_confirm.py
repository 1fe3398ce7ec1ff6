"""What the real OpenCRVS core does beyond its protocol (contract opencrvs §0.4 rows 20, 23, 24, 26)."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bridge.advice import Stuck
from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.core import called, credential, issued, listed, production, written
from wire.opencrvs.trpc import TRPCError

ACCEPT = "event.actions.register.accept"
CONFIG = "event.config.get"
STOCK: dict[str, list[str]] = {"birth": [], "death": []}
MOSIP_FORMS = {"birth": ["child.nid"], "death": []}


async def refused(stage: Stage) -> dict[str, Any]:
    event = await stage.submitted()
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED"))
    return event


async def metric(stage: Stage, name: str) -> float:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stage.running.mediator_url}/metrics") as answer,
    ):
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


@production
@pytest.mark.parametrize("stage", [{"mode": "sync"}], indirect=True)
async def test_record_is_looked_at_after_a_synchronous_success(stage: Stage, production: bool) -> None:
    """Where forms are not told, OpenCRVS may have broken the record by writing our answer."""
    stage.opencrvs.forms, stage.opencrvs.production = STOCK, production
    stage.opencrvs.faults[CONFIG] = [lambda: web.Response(status=404, text="no Route matched")] * 1000
    event = stage.opencrvs.record("birth", BIRTH)
    status, body = await stage.trigger(event)
    assert status == 200
    with suppress(TRPCError):
        written(stage, event, body)
    await stage.world.clock.advance(2 * 3600)
    assert (await stage.of(event)).held == Stuck.RECORD_UNREADABLE
    stage.opencrvs.forms = MOSIP_FORMS
    await stage.world.clock.advance(901)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_field_that_is_taken_from_the_form_breaks_one_record_only(stage: Stage) -> None:
    assert (await stage.of(await issued(stage))).state is State.CONFIRMED
    stage.opencrvs.forms = STOCK
    broken, whole = await issued(stage), await issued(stage)
    assert (await stage.of(broken)).held == Stuck.RECORD_UNREADABLE
    assert (await stage.of(whole)).held == Stuck.FORM_LACKS_FIELD
    stage.opencrvs.forms = MOSIP_FORMS
    await stage.world.clock.advance(901)
    assert {(await stage.of(event)).state for event in (broken, whole)} == {State.CONFIRMED}


async def test_acceptance_that_was_written_before_the_500_needs_no_second(stage: Stage) -> None:
    write = stage.opencrvs._do

    def write_and_break(path: str, given: dict[str, Any]) -> Any:
        done = write(path, given)
        if path == ACCEPT:
            raise TRPCError("INTERNAL_SERVER_ERROR", "connect ECONNREFUSED 127.0.0.1:9200")
        return done

    stage.opencrvs._do = write_and_break  # type: ignore[method-assign]
    event = await issued(stage)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(called(stage, ACCEPT)) == 1


def correction(stage: Stage) -> dict[str, Any]:
    """A registered birth without a national ID, whose corrected name waits for the country's word."""
    event = stage.opencrvs.record("birth", BIRTH)
    append = functools.partial(stage.opencrvs._append, event)
    asked = event["actions"][-1]["id"]
    append("REGISTER", "Accepted", {"transactionId": "t1"}, originalActionId=asked, registrationNumber="B1")
    changed = {"child.name": {"firstname": "Other", "surname": "Name"}}
    append("REQUEST_CORRECTION", "Requested", {"transactionId": "t2", "declaration": changed})
    asked = event["actions"][-1]["id"]
    append("REQUEST_CORRECTION", "Accepted", {"transactionId": "t2"}, originalActionId=asked)
    append("APPROVE_CORRECTION", "Requested", {"transactionId": "t3"}, requestId=event["actions"][-1]["id"])
    return event


@production
async def test_rejected_correction_is_stuck_at_once_with_words(stage: Stage, production: bool) -> None:
    stage.opencrvs.production = production
    event = correction(stage)
    assert (await stage.trigger(event, action="APPROVE_CORRECTION"))[0] == 202
    await stage.world.clock.settle()
    [waiting] = await stage.running.store.listings.pending()
    await stage.deliver(stage.mosip.ended(waiting.packet_id, "REJECTED"))
    [stuck] = await stage.running.store.listings.pending()
    assert (stuck.state, stuck.reason) == (State.STUCK, Stuck.CORRECTION_REJECTED)
    assert str(stuck.words) in str(stuck.last_error)
    [shown] = await listed(stage, "?state=STUCK")
    assert shown["remedies"] and "upgrade" in shown["advice"]
    # OpenCRVS as it is from 2.1 on takes it
    stage.opencrvs.faults["event.actions.correction.approve.reject"] = [
        lambda: web.json_response([{"result": {"data": {"json": rejected_by_hand(stage, event)}}}])
    ]
    await stage.running.way.operations.retry(stuck)
    await stage.world.clock.settle()
    settled = await stage.running.store.lookups.by_id(stuck.id)
    assert settled is not None and settled.state is State.REJECTED


def rejected_by_hand(stage: Stage, event: dict[str, Any]) -> dict[str, Any]:
    action = next(a for a in event["actions"] if a["type"] == "APPROVE_CORRECTION")
    given = {"transactionId": "t4"}
    stage.opencrvs._append(event, "APPROVE_CORRECTION", "Rejected", given, originalActionId=action["id"])
    return event


async def test_reason_reaches_the_registrar_who_had_given_the_record_back(stage: Stage) -> None:
    event = await stage.submitted()
    stage.opencrvs.assigned[event["id"]] = ""
    assign = stage.opencrvs._do

    def free_for_all(path: str, given: dict[str, Any]) -> Any:
        if path == "event.actions.assignment.assign":
            assert given["type"] == "ASSIGN" and given["assignedTo"] == "registrar"
            stage.opencrvs.assigned.clear()
        return assign(path, given)

    stage.opencrvs._do = free_for_all  # type: ignore[method-assign]
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED"))
    rejected = await stage.of(event)
    assert (rejected.state, rejected.untold) == (State.REJECTED, False)
    [told] = [a for a in stage.opencrvs.events[event["id"]]["actions"] if a["type"] == "REJECT"]
    assert told["content"]["reason"]


async def test_reason_that_cannot_be_brought_is_in_log_list_and_metrics(stage: Stage) -> None:
    event = await stage.submitted()
    stage.opencrvs.assigned[event["id"]] = "another-registrar"
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED"))
    rejected = await stage.of(event)
    assert (rejected.state, rejected.untold) == (State.REJECTED, True)
    [shown] = await listed(stage, "?state=REJECTED")
    assert shown["id"] == rejected.id and shown["untold"] and shown["words"]
    assert await metric(stage, "bridge_reasons_untold_total") == 1


async def test_reason_of_a_rejection_after_the_token_ran_out_is_listed(stage: Stage) -> None:
    await stage.restart(client_id="bridge", client_secret="client-secret")
    event = await stage.submitted()
    await stage.world.clock.advance(8 * 86400)
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "REJECTED"))
    assert (await stage.of(event)).state is State.REJECTED
    assert [shown["words"] for shown in await listed(stage, "?state=REJECTED")] != [None]


@pytest.mark.parametrize("template", ["{year}{letter}{trackingId}", "{year}{letter}{sequence:04}"])
async def test_taken_number_is_stuck_at_once(stage: Stage, template: str) -> None:
    """No other is drawn: the ID system has this one in the packet, and would know the record by it."""
    await stage.restart(number_template=template)
    event = await stage.submitted()
    registration = await stage.of(event)
    stage.opencrvs.numbers = {registration.number}
    await credential(stage, registration)
    assert (await stage.of(event)).reason == Stuck.NUMBER_TAKEN
    [shown] = await listed(stage)
    assert shown["remedies"] == ["retry", "reject"]
    stage.opencrvs.numbers.clear()
    await stage.running.way.operations.retry(await stage.of(event))
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_taken_number_behind_a_masked_error_is_stuck_within_a_minute(stage: Stage) -> None:
    stage.opencrvs.production = True
    event = await stage.submitted()
    registration = await stage.of(event)
    stage.opencrvs.numbers = {registration.number}
    await credential(stage, registration)
    await stage.world.clock.advance(60)
    stuck = await stage.of(event)
    assert stuck.reason == Stuck.OPENCRVS_REFUSED
    assert registration.number in str(stuck.last_error)


@pytest.mark.parametrize("settled", [issued, refused], ids=["confirmed", "rejected"])
async def test_question_about_a_settled_action_that_opencrvs_has_forgotten(
    stage: Stage, settled: Any
) -> None:
    event = await settled(stage)
    before = await stage.of(event)
    assert before.final
    record = stage.opencrvs.events[event["id"]]
    record["actions"] = record["actions"][:3]
    assert (await stage.trigger(event))[0] == 202
    again = await stage.of(event)
    assert (again.state, again.reason) == (State.STUCK, Stuck.SETTLED_BEFORE)
    [shown] = await listed(stage)
    assert shown["remedies"] and "rehearsal" in shown["advice"]
    assert not stage.opencrvs.accepted(event) and not stage.opencrvs.rejected(event)
    await stage.running.way.operations.reject(again, "Please register again.")
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.REJECTED
    assert len(stage.opencrvs.rejected(event)) == 1


async def test_question_about_a_settled_action_that_opencrvs_has_settled_too(stage: Stage) -> None:
    event = await issued(stage)
    asked = {**event, "actions": event["actions"][:3]}
    token = stage.opencrvs.token(asked)
    assert (await stage.trigger(asked, token))[0] == 202
    assert (await stage.of(event)).state is State.CONFIRMED
    assert not await stage.running.store.listings.pending()
