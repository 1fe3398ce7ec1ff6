"""The words for what passes on the wire."""

from __future__ import annotations

import pytest

from scenarios.events import Event
from scenarios.stage.watching import Watcher, told
from testbed.journal import Exchange, Journal
from wire.world import World


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Subscriber+has+already+registered+with+the+Hub", "says that it is subscribed already"),
        ("Subscriber%20has%20already%20registered%20with%20the%20Hub", "says that it is subscribed already"),
        ("Topic+%5Ba%5D+is+not+registered+with+the+Hub", "denies the subscription"),
        ("", "denies the subscription"),
    ],
)
def test_a_denial_that_is_none_is_not_told_as_one(reason: str, words: str) -> None:
    exchange = Exchange(
        number=1,
        at="2026-03-02T08:00:00.000Z",
        server="mock_nid",
        direction="out",
        operation="hub.denied",
        method="GET",
        target=f"/websub/callback?hub.mode=denied&hub.topic=a&hub.reason={reason}",
        status=200,
    )
    assert told(exchange).what == words


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
