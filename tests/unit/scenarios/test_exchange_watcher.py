"""Whoever follows the journals: a listener that fails, and who spoke."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.engine import Engine, Options
from scenarios.events import Event, Exchanged
from scenarios.library import choose
from scenarios.stage.exchange_watcher import Watcher, told
from scenarios.stage.setup import opener
from scenarios.story import Actor
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


@pytest.mark.parametrize(
    ("by", "operation", "sender"),
    [
        ("program", "event.config.get", Actor.BRIDGE),
        ("program", "event.get", Actor.BRIDGE),
        ("program", "event.actions.assignment.assign", Actor.BRIDGE),
        ("program", "event.actions.register.accept", Actor.BRIDGE),
        ("person", "event.get", Actor.REGISTRAR),
        ("person", "event.actions.reject.request", Actor.REGISTRAR),
        ("", "auth.authenticate", Actor.REGISTRAR),
    ],
)
def test_who_spoke_is_told_by_the_token(by: str, operation: str, sender: Actor) -> None:
    journal = Journal("mock_opencrvs", World.virtual())
    journal.record("in", operation, "POST", f"/events/{operation}", 200, by=by)
    assert told(next(iter(journal))).sender is sender


async def test_an_opencrvs_that_takes_the_place_of_another_is_followed_on(rehearsal_keys: Path) -> None:
    heard: list[Event] = []
    engine = Engine(opener(rehearsal_keys), Options(), [heard.append])
    await engine.run(choose(["upgrade_in_flight"]))
    accepted = [
        one.status
        for one in heard
        if isinstance(one, Exchanged) and one.operation == "event.actions.register.accept"
    ]
    assert accepted[-1:] == [200], "what the new version was asked"
