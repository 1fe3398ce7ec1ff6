"""The field of the national ID and core's forms (contract opencrvs §0.4 rows 20, 23)."""

from __future__ import annotations

import pytest
from aiohttp import web

from bridge.advice import Stuck
from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.core import called, issued, listed, production, written
from tests.servers.bridge.stubs import VID

ACCEPT = "event.actions.register.accept"
CONFIG = "event.config.get"
STOCK: dict[str, list[str]] = {"birth": [], "death": []}
MOSIP_FORMS = {"birth": ["child.nid"], "death": []}


@pytest.mark.parametrize("by_hand", [False, True])
async def test_form_without_the_field_is_known_before_the_first_accept(stage: Stage, by_hand: bool) -> None:
    stage.opencrvs.forms = STOCK
    await stage.restart(give_up_seconds=43200)  # what is about a record is given up long before the end
    event = await issued(stage)
    held = await stage.of(event)
    assert (held.state, held.held) == (State.ISSUED, Stuck.FORM_LACKS_FIELD)
    assert "child.nid" in str(held.last_error)
    assert not called(stage, ACCEPT)
    [shown] = await listed(stage)
    assert shown["remedies"] == ["retry"] and "BRIDGE_NATIONAL_ID_FIELDS" in shown["advice"]
    await stage.world.clock.advance(86400)
    stage.opencrvs.forms = MOSIP_FORMS
    if by_hand:
        await stage.running.way.operations.retry(await stage.of(event))
        await stage.world.clock.settle()
    else:
        await stage.world.clock.advance(901)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.opencrvs.accepted(event)[0]["declaration"] == {"child.nid": VID}


async def test_form_without_the_field_is_fine_when_none_is_named(stage: Stage) -> None:
    stage.opencrvs.forms = STOCK
    await stage.restart(national_id_fields=())
    event = await stage.submitted()
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "PROCESSED"))
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.opencrvs.accepted(event)[0]["declaration"] == {}


async def test_form_without_the_field_gets_no_synchronous_answer(stage: Stage) -> None:
    stage.opencrvs.forms = STOCK
    await stage.restart(mode="sync")
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    await stage.world.clock.settle()
    assert (await stage.of(event)).held == Stuck.FORM_LACKS_FIELD
    assert not called(stage, ACCEPT)


@pytest.mark.parametrize("stage", [{"mode": "sync"}], indirect=True)
@pytest.mark.parametrize("kept", [True, False])
async def test_synchronous_success_that_forms_cannot_vouch_for_is_confirmed(stage: Stage, kept: bool) -> None:
    stage.opencrvs.faults[CONFIG] = [lambda: web.Response(status=404, text="no Route matched")] * 1000
    event = stage.opencrvs.record("birth", BIRTH)
    status, body = await stage.trigger(event)
    assert status == 200
    if kept:
        written(stage, event, body)
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1
    assert len(called(stage, ACCEPT)) == (0 if kept else 1)


@production
async def test_success_after_a_500_is_looked_at_where_forms_are_not_told(
    stage: Stage, production: bool
) -> None:
    stage.opencrvs.forms, stage.opencrvs.production = STOCK, production
    stage.opencrvs.faults[CONFIG] = [lambda: web.Response(status=404, text="no Route matched")] * 1000
    event = await issued(stage)
    await stage.world.clock.advance(2 * 3600)
    held = await stage.of(event)
    assert (held.state, held.held) == (State.ISSUED, Stuck.RECORD_UNREADABLE)
    stage.opencrvs.forms = MOSIP_FORMS
    await stage.world.clock.advance(901)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_forms_that_cannot_be_asked_now_are_waited_for(stage: Stage) -> None:
    stage.opencrvs.faults[CONFIG] = [lambda: web.Response(status=503)] * 3
    event = await issued(stage)
    assert not called(stage, ACCEPT)
    await stage.world.clock.advance(300)
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_forms_are_asked_once_for_many_records(stage: Stage) -> None:
    for _ in range(3):
        event = await issued(stage)
        assert (await stage.of(event)).state is State.CONFIRMED
    assert len(called(stage, CONFIG)) == 1
