"""Whom to believe: the tokens that OpenCRVS signs, and the key that they are checked with (opencrvs §2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.errors import BridgeError
from bridge.settings import Settings
from wire.http.client import HttpClient, NoAnswer
from wire.mosip.keys import public_key
from wire.opencrvs import tokens
from wire.world import World

_REFETCH_AFTER = timedelta(seconds=60)


class KeyUnavailable(BridgeError):
    """The key that signs OpenCRVS's tokens could not be fetched, so no token can be believed now."""


class TokenChecker:
    """Verifies OpenCRVS tokens. The key is fetched once, and again at most once a minute when a signature
    fails.
    """

    def __init__(self, settings: Settings, world: World, peer: HttpClient) -> None:
        self._url, self._clock, self._peer = settings.public_key_url, world.clock, peer
        self._key: RSAPublicKey | None = None
        self._asked_at: datetime | None = None

    async def verify(self, token: str | None, audience: str | tuple[str, ...]) -> dict[str, Any]:
        """The claims; raises tokens.TokenRefused, or KeyUnavailable."""
        if not token:
            raise tokens.TokenRefused("missing")
        if self._key is None:
            await self._fetch()
        try:
            return self._verified(token, audience)
        except tokens.TokenRefused as refused:
            if refused.reason != "signature" or not self._may_ask():
                raise
        await self._fetch()
        return self._verified(token, audience)

    def _verified(self, token: str, audience: str | tuple[str, ...]) -> dict[str, Any]:
        if self._key is None:
            raise KeyUnavailable(f"no public key from {self._url} yet")
        return tokens.verify(token, self._key, audience=audience, now=self._clock.now())

    def _may_ask(self) -> bool:
        asked = self._asked_at
        return asked is None or not timedelta() <= self._clock.now() - asked < _REFETCH_AFTER

    async def _fetch(self) -> None:
        if self._key is not None:
            self._asked_at = self._clock.now()
        try:
            answer = await self._peer.call("GET", self._url, follow=True)
            if answer.status != 200:
                raise KeyUnavailable(f"{self._url} answered HTTP {answer.status}")
            self._key = public_key(answer.body)
        except (NoAnswer, ValueError) as error:
            raise KeyUnavailable(str(error)) from error
        self._asked_at = self._clock.now()
