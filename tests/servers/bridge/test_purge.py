"""What is settled is forgotten, whichever database."""

from __future__ import annotations

from datetime import timedelta

from bridge.registration import Secrets, State
from bridge.store.store import Store
from tests.servers.bridge.waiting import waiting
from wire.world import World


async def test_both_databases_forget_settled_ones_page_by_page(store: Store) -> None:
    world = World.virtual(seed=3)
    now = world.clock.now()
    for number in range(5):
        state = State.CONFIRMED if number else State.STUCK
        settled = {"settled_at": now} if number else {"reason": "nid-silent"}
        await store.add(waiting(number, world, state, timedelta(0), **settled), Secrets(), "a test")
        await store.receive(f"delivery-{number}", "topic", f"id-{number}", "noted")
    assert [await store.purge(now, most=3) for _ in range(3)] == [True, True, False]
    assert [row.id for row in await store.listings.pending()] == ["id-0"]
    assert [await store.get(f"id-{number}") for number in range(1, 5)] == [None] * 4
    assert [await store.listings.history(f"id-{number}") for number in range(1, 5)] == [[]] * 4
    assert await store.receive("delivery-4", "topic", "id-0", "noted"), "it is known still"
