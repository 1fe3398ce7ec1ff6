"""What the hub delivers, and what others pretend that it delivered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from bridge.registration import State
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.delivered import unchanged, waiting
from tests.servers.bridge.stubs import VID


async def test_repeated_delivery_changes_nothing(stage: Stage) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert [await stage.deliver(body) for _ in range(3)] == [200, 200, 200]
    again = stage.mosip.event(
        registration.packet_id, stage.mosip.credential(registration.packet_id, VID="5819273640281736")
    )
    assert await stage.deliver(again) == 200
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": VID}
    assert sum(path.endswith("accept") for path, _, _ in stage.opencrvs.calls) == 1


async def test_simultaneous_deliveries_confirm_once(stage: Stage) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    answers = await asyncio.gather(*(stage.mosip.deliver(stage.callback, body) for _ in range(8)))
    await stage.world.clock.settle()
    assert set(answers) == {200}
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_unknown_registration_is_ignored(stage: Stage) -> None:
    await waiting(stage)
    assert await stage.deliver(stage.mosip.event("9" * 29, stage.mosip.credential("9" * 29))) == 200
    assert await stage.deliver(stage.mosip.ended("9" * 29, "FAILED")) == 200


async def test_rejected_and_failed_are_for_ids_that_are_ours(stage: Stage) -> None:
    event, registration = await waiting(stage)
    assert await stage.deliver(stage.mosip.ended(registration.packet_id, "REJECTED", "CRVS_DEATH")) == 400
    assert await unchanged(stage, event)
    assert await stage.deliver(stage.mosip.ended(registration.packet_id, "REJECTED")) == 200
    assert (await stage.of(event)).state is State.REJECTED


async def test_lost_credential_is_found_by_asking(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.standing[registration.packet_id] = "UIN_GENERATED"
    stage.mosip.identities[registration.packet_id] = {"UIN": "4238670978"}
    await stage.world.clock.advance(2 * 3600)
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": VID}


async def test_lost_rejection_is_found_by_asking(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.standing[registration.packet_id] = "REREGISTER"
    await stage.world.clock.advance(2 * 3600)
    assert len(stage.opencrvs.rejected(event)) == 1
    assert json.dumps(stage.opencrvs.events[event["id"]]).count("A required detail") == 1


async def test_a_second_link_does_not_take_the_first_ones_place(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    stage.mosip.faults["s1"] = [lambda: web.Response(status=503)] * 2
    for name in ("s1", "s2"):
        body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/{name}")
        assert await stage.deliver(body) == 200
    await stage.world.clock.advance(600)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.mosip.asked["s2"] == 0


async def test_of_links_that_come_at_once_one_is_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    event, registration = await waiting(stage)
    deliveries = stage.running.store.deliveries
    receive, written = deliveries.receive, asyncio.Event()

    async def late(*args: Any, **changes: Any) -> bool:
        """The second has read before the first has written."""
        if written.is_set():
            return await receive(*args, **changes)
        written.set()
        other = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s1")
        assert await stage.mosip.deliver(stage.callback, other) == 200
        return await receive(*args, **changes)

    monkeypatch.setattr(deliveries, "receive", late)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    stage.mosip.faults["s1"] = [lambda: web.Response(status=503)] * 2
    body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s2")
    assert await stage.deliver(body) == 200
    await stage.world.clock.advance(600)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.mosip.asked["s2"] == 0
