"""Whom to believe: the tokens that OpenCRVS signs, and the key that they are checked with (opencrvs §2)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.calls.failure import Failed, by_status
from bridge.calls.peer import Peer
from bridge.calls.resting import Resting
from bridge.calls.retry import Backoff
from bridge.settings import Settings
from wire.mosip.keys import public_keys
from wire.opencrvs import tokens
from wire.world import World

_REFETCH_AFTER = timedelta(seconds=60)
_UNFETCHED = Backoff(first=1.0, longest=60.0)


class KeyUnavailable(Failed):
    """The key that signs OpenCRVS's tokens could not be fetched, so no token can be believed now."""


class TokenChecker:
    """Verifies OpenCRVS tokens. The keys are fetched once, and again at most once a minute when a signature
    fails; while they cannot be had they are asked for ever less often, and no sooner than the server says.
    """

    def __init__(self, settings: Settings, world: World) -> None:
        self._url, self._clock = settings.public_key_url, world.clock
        self.peer = Peer("OpenCRVS", settings, world, KeyUnavailable)
        self._keys: tuple[RSAPublicKey, ...] = ()
        self._asked_at: datetime | None = None
        self._lock, self._resting = asyncio.Lock(), Resting(world, _UNFETCHED)

    async def verify(self, token: str | None, audience: str | tuple[str, ...]) -> dict[str, Any]:
        """The claims; raises tokens.TokenRefused, or KeyUnavailable."""
        if not token:
            raise tokens.TokenRefused("missing")
        if not self._keys:
            async with self._lock:
                if not self._keys:
                    await self._fetch()
        try:
            return self._verified(token, audience)
        except tokens.TokenRefused as refused:
            if refused.reason != "signature" or not self._may_ask():
                raise
        await self._fetch()
        return self._verified(token, audience)

    def _verified(self, token: str, audience: str | tuple[str, ...]) -> dict[str, Any]:
        claims = tokens.proven(token, *self._keys)
        tokens.check(claims, audience=audience, now=self._clock.now())
        return claims

    def _may_ask(self) -> bool:
        asked = self._asked_at
        return asked is None or not timedelta() <= self._clock.now() - asked < _REFETCH_AFTER

    async def _fetch(self) -> None:
        if (resting := self._resting.failure) is not None:
            raise KeyUnavailable(resting)
        if self._keys:
            self._asked_at = self._clock.now()
        try:
            self._keys = await self._asked()
        except KeyUnavailable as gone:
            self._resting.failed(gone.failure)
            raise
        self._resting.worked()
        self._asked_at = self._clock.now()

    async def _asked(self) -> tuple[RSAPublicKey, ...]:
        answer = await self.peer.call("GET", self._url, follow=True)
        if answer.status != 200:
            raise KeyUnavailable(by_status(self._url, answer.status, answer.wait))
        try:
            return public_keys(answer.body)
        except ValueError as error:
            raise KeyUnavailable(str(error)) from error
