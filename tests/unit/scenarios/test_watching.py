"""Whoever follows the journals, and a listener that fails."""

from __future__ import annotations

from scenarios.events import Event
from scenarios.stage.watching import Watcher
from testbed.journal import Journal
from wire.world import World


async def test_watcher_outlives_a_listener_that_fails() -> None:
    world = World.virtual()
    journal, heard = Journal("mock_nid", world), []

    def listen(event: Event) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise RuntimeError("nobody thought of this")

    watcher = Watcher((journal,), listen, world.clock)
    for status in (200, 201):
        journal.record("in", "hub", "POST", "/hub", status)
        await world.clock.advance(2)
    await watcher.close()
    assert [getattr(one, "status", None) for one in heard] == [200, 201]
