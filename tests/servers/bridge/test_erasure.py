"""One person's data is erased on request: nothing is left, a proof says what it was, others stay.

What was settled long ago is forgotten.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from bridge.registration import Secrets, State
from bridge.store.store import Store
from bridge.store.tables import METADATA
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.test_running import run, shown, stuck
from tests.servers.bridge.waiting import waiting
from wire.world import World


async def settled(stage: Stage) -> dict[str, Any]:
    event = await stage.submitted()
    packet = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    assert (await stage.of(event)).state is State.CONFIRMED
    return event


async def everything(stage: Stage) -> str:
    """Every row of every table, as text."""
    from sqlalchemy import select

    lane = stage.running.store._lanes.listings
    rows = []
    for table in METADATA.sorted_tables:
        rows += await lane.run(lambda session, table=table: list(session.all(select(table))))  # type: ignore[misc]
    return "\n".join(map(str, rows))


COUNTED = {"registration_number": "{sequence:04}/{year}"}


@pytest.mark.parametrize("stage", [COUNTED, COUNTED | {"database_url": "postgresql"}], indirect=True)
async def test_nothing_is_left_and_the_proof_says_what_was_erased(stage: Stage) -> None:
    gone, stays = await settled(stage), await settled(stage)
    registration = await stage.of(gone)
    assert registration.tracking_id in await everything(stage)
    proof = shown(await run(stage, "erase", gone["id"], "--why", "request 2026/17"))
    assert (proof["by"], proof["why"], proof["left"]) == ("operator", "request 2026/17", {})
    assert (
        proof["rows"]["registrations"] == 1
        and proof["rows"]["history"] >= 4
        and proof["rows"]["deliveries"] == 1
    )
    assert {"tracking_id", "number", "packet_id", "event_id"} <= set(proof["fields"])
    assert proof["event"] == f"sha256:{hashlib.sha256(gone['id'].encode()).hexdigest()}"
    text = await everything(stage)
    for mark in (gone["id"], registration.action_id, registration.packet_id, registration.tracking_id):
        assert mark not in text.replace((await stage.of(stays)).tracking_id, "")
    assert (await ask(stage, "GET", f"/operations/registrations/{gone['id']}"))[0] == 404
    assert (await stage.of(stays)).state is State.CONFIRMED
    told = [json.loads(line) for line in (await run(stage, "audit")).stdout.splitlines()]
    assert [line["act"] for line in told] == ["erase", "erase"] and json.loads(told[1]["came_to"]) == proof
    # its number is given to nobody else
    assert (await stage.of(await stage.submitted())).number not in (registration.number,)
    again = await run(stage, "erase", gone["id"], "--why", "request 2026/17")
    assert again.exit_code == 1 and "nothing is kept" in again.stderr


async def test_what_is_not_settled_is_not_erased(stage: Stage) -> None:
    event = await stuck(stage)
    refused = await run(stage, "erase", event["id"], "--why", "request 18")
    assert refused.exit_code == 1 and (await stage.of(event)).id in refused.stderr
    assert "not settled" in refused.stderr and (await stage.of(event)).state is State.STUCK
    await run(stage, "reject", event["id"], "--reason", "no")
    done = await run(stage, "erase", event["id"], "--why", "request 18")
    assert done.exit_code == 0, done.output


async def test_what_is_left_is_told(stage: Stage) -> None:
    event, other = await settled(stage), await stuck(stage)
    await stage.running.store.touch(await stage.of(other), f"confused with {event['id']}")
    proof = await run(stage, "erase", event["id"], "--why", "request 19")
    assert proof.exit_code == 1 and json.loads(proof.stdout)["left"] == {"history.note": 1}


@pytest.mark.parametrize("body", [{}, {"event": "x"}, {"event": "", "why": "y"}, {"event": 5, "why": "y"}])
async def test_erasing_needs_an_event_and_a_reason(stage: Stage, body: Any) -> None:
    assert (await ask(stage, "POST", "/operations/erase", **body))[0] == 400


async def test_both_databases_forget_settled_ones_page_by_page(store: Store) -> None:
    world = World.virtual(seed=3)
    now = world.clock.now()
    for number in range(5):
        state = State.CONFIRMED if number else State.STUCK
        settled = {"settled_at": now} if number else {"reason": "nid-silent"}
        await store.add(waiting(number, world, state, timedelta(0), **settled), Secrets(), "a test")
        await store.deliveries.receive(f"delivery-{number}", "topic", f"id-{number}", "noted")
    assert [await store.erasure.purge(now, most=3) for _ in range(3)] == [True, True, False]
    assert [row.id for row in await store.listings.pending()] == ["id-0"]
    assert [await store.lookups.by_id(f"id-{number}") for number in range(1, 5)] == [None] * 4
    assert [await store.listings.history(f"id-{number}") for number in range(1, 5)] == [[]] * 4
    assert await store.deliveries.receive("delivery-4", "topic", "id-0", "noted"), "it is known still"
