"""Follows the mocks' journals, and tells an exchange as an event.

The journals see every exchange of a rehearsal: all of the bridge's calls go to a mock or come from one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scenarios.events import Exchanged
from scenarios.story import Actor
from testbed.journal import Exchange, Journal
from wire.background import Loop
from wire.world import Clock, parse_timestamp

_SERVERS = {
    "mock_opencrvs": Actor.OPENCRVS,
    "mock_nid": Actor.NID,
    "national_id": Actor.NID,
}


def told(exchange: Exchange) -> Exchanged:
    """An exchange of a journal as an event: who spoke to whom."""
    here = _SERVERS.get(exchange.server, Actor.DIRECTOR)
    if exchange.direction == "out":
        sender, receiver = here, Actor.BRIDGE
    else:
        sender, receiver = _caller(exchange, here), here
    return Exchanged(
        at=parse_timestamp(exchange.at),
        sender=sender,
        receiver=receiver,
        operation=exchange.operation,
        status=exchange.status,
        target=f"{exchange.method} {exchange.target}",
        request=exchange.request,
        response=exchange.response,
        injected=exchange.faults,
        note=exchange.note,
        records=exchange.records,
    )


def _caller(exchange: Exchange, here: Actor) -> Actor:
    if here is Actor.NID or exchange.by == "program" or _asks_for_key(exchange):
        return Actor.BRIDGE
    return Actor.REGISTRAR


def _asks_for_key(exchange: Exchange) -> bool:
    """What only the country's server does: fetch the public key, log in as a system client, exchange."""
    return "well-known" in exchange.target or exchange.target.split("?")[0].endswith("/token")


class Watcher:
    """Hears the exchanges of some journals as they come; close it to stop.

    What cannot be told is left out, and said in the log: the story goes on.
    """

    def __init__(self, journals: Iterable[Journal], hear: Callable[[Exchange], None], clock: Clock) -> None:
        self._loops = [
            Loop(f"journal {number}", clock, _Following(journal, hear).round)
            for number, journal in enumerate(journals)
        ]
        for loop in self._loops:
            loop.start()

    async def close(self) -> None:
        for loop in self._loops:
            await loop.close()


class _Following:
    """One journal, and how far it was told."""

    def __init__(self, journal: Journal, hear: Callable[[Exchange], None]) -> None:
        self._journal, self._hear, self._told = journal, hear, 0

    async def round(self) -> float:
        async for exchange in self._journal.follow(after=self._told):
            self._told = exchange.number
            self._hear(exchange)
        return 0.0
