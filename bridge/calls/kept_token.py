"""A token of ours at somebody else's: kept until it runs out, and fetched anew when it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bridge.calls.failure import Failed, FailureKind
from bridge.calls.resting import Resting
from wire.opencrvs import tokens
from wire.world import World, instant

_MARGIN = timedelta(seconds=30)


class KeptToken:
    """`fetch` gets a new one, or raises Failed; `undated`: how long one counts that does not say its end.

    A log-in that is refused, or told to wait, is not asked for again before its rest is over, whoever needs
    it.
    """

    def __init__(self, world: World, fetch: Callable[[], Awaitable[str]], undated: timedelta) -> None:
        self._clock, self._fetch, self._undated = world.clock, fetch, undated
        self._token: str | None = None
        self._until: datetime | None = None
        self._lock, self.resting = asyncio.Lock(), Resting(world)
        self._told: type[Failed] = Failed

    async def current(self) -> str:
        """The token at hand, or a new one. Failed, as `fetch` raised it, when there is none."""
        if (token := self._usable()) is not None:
            return token
        async with self._lock:
            if (token := self._usable()) is None:
                token = self._token = await self._asked()
                self._until = expiry(token) or self._clock.now() + self._undated
            return token

    def refused(self, token: str | None = None) -> None:
        """Somebody does not take it (or the one at hand) any more."""
        if token in (None, self._token):
            self._token = None

    def _usable(self) -> str | None:
        return self._token if self._until is None or self._clock.now() + _MARGIN < self._until else None

    async def _asked(self) -> str:
        if (resting := self.resting.failure) is not None:
            raise self._told(resting)
        try:
            token = await self._fetch()
        except Failed as failed:
            if failed.failure.kind is FailureKind.CHANNEL or failed.failure.wait is not None:
                self.resting.failed(failed.failure)
                self._told = type(failed)
            raise
        self.resting.worked()
        return token


def expiry(token: str) -> datetime | None:
    """When a token that was verified (or is our own) runs out; None when it does not say."""
    try:
        return instant(tokens.peek(token).get("exp"))
    except tokens.TokenRefused:
        return None
