"""What waits is counted in one way, whichever database."""

from __future__ import annotations

from datetime import timedelta

from bridge.registration import Secrets, State
from bridge.store.store import Store
from tests.servers.bridge.waiting import waiting
from wire.world import World


async def test_both_databases_count_what_waits_in_the_same_way(store: Store) -> None:
    world = World.virtual(seed=3)
    now, hour = world.clock.now(), timedelta(hours=1)
    soon, later = now + hour, now + 3 * hour
    rows = [
        waiting(1, world, State.SUBMITTED, timedelta(seconds=5), token_expires_at=soon),
        waiting(2, world, State.SUBMITTED, 2 * hour, token_expires_at=later),
        waiting(3, world, State.STUCK, 30 * 24 * hour, reason="nid-silent"),
        waiting(4, world, State.STUCK, hour, reason="token-expired"),
        waiting(5, world, State.CONFIRMED, hour, settled_at=now, token_expires_at=soon),
    ]
    for row in rows:
        await store.add(row, Secrets(), "a test")
    backlog = await store.listings.backlog(now, soon)
    submitted, stuck = backlog.of(State.SUBMITTED), backlog.of(State.STUCK)
    assert (submitted.count, submitted.oldest, submitted.ages_sum) == (2, 7200.0, 7205.0)
    assert submitted.at_most == (1, 1, 1, 2, 2, 2, 2, 2)
    assert (stuck.count, stuck.at_most) == (2, (0, 0, 1, 1, 1, 1, 1, 1))
    assert dict(backlog.stuck) == {"nid-silent": 1, "token-expired": 1}
    assert backlog.expiring == 1
    page = await store.listings.expiring(later, after=None, limit=1)
    further = await store.listings.expiring(later, after=page[0], limit=5)
    assert [row.id for row in (*page, *further)] == ["id-1", "id-2"]
