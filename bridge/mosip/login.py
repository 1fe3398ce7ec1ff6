"""Tokens of MOSIP's auth manager: fetched once, kept until they run out, renewed when a service refuses them.

Contract mosip §1. HTTP 200 does not mean success there: the errors must be empty and a token present.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import jwt

from bridge.failure import Failure, FailureKind, by_status
from bridge.mosip.answers import faults_of
from bridge.nid import NidDown
from bridge.resting import Resting
from wire.http.client import Answer, HttpClient, NoAnswer
from wire.jwts import UNREADABLE
from wire.mosip import auth
from wire.redaction import hide
from wire.world import World, instant

_UNDATED = timedelta(minutes=10)
_MARGIN = timedelta(seconds=30)


class Login:
    """One client of the auth manager."""

    def __init__(
        self, peer: HttpClient, world: World, url: str, app_id: str, client_id: str, secret: str
    ) -> None:
        self._peer, self._clock, self._url = peer, world.clock, url
        self._credentials = (client_id, secret, app_id)
        self._token: str | None = None
        self._until: datetime | None = None
        self._lock, self._resting = asyncio.Lock(), Resting(world)

    async def call(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """A call with this client's token; one more try with a new token after a 401. NidDown when there is
        no answer.
        """
        content = content if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            token = await self._current()
            headers = {"Cookie": auth.cookie(token)}
            if content is not None:
                headers["Content-Type"] = content_type
            try:
                answer = await self._peer.call(method, url, headers=headers, body=content)
            except NoAnswer as none:
                raise NidDown(str(none)) from none
            if answer.status != 401 or attempt == 2:
                return answer
            if self._token == token:
                self._token = None
        raise AssertionError("unreachable")

    async def _current(self) -> str:
        if (token := self._usable()) is not None:
            return token
        async with self._lock:
            if (token := self._usable()) is None:
                token = self._token = await self._asked()
                self._until = _expiry(token) or self._clock.now() + _UNDATED
            return token

    def _usable(self) -> str | None:
        """The token at hand, unless it runs out."""
        return self._token if self._until is None or self._clock.now() + _MARGIN < self._until else None

    async def _asked(self) -> str:
        """A new token; what is refused, or told to wait, is not asked again at once, whoever needs it."""
        if (resting := self._resting.failure) is not None:
            raise NidDown(resting)
        try:
            token = await self._fetch()
        except NidDown as down:
            if down.failure.kind is FailureKind.CHANNEL or down.failure.wait is not None:
                self._resting.failed(down.failure)
            raise
        self._resting.worked()
        return token

    async def _fetch(self) -> str:
        body = auth.token_request(*self._credentials, self._clock.now())
        try:
            answer = await self._peer.call(
                "POST",
                self._url,
                headers={"Content-Type": "application/json"},
                body=json.dumps(body).encode(),
            )
        except NoAnswer as none:
            raise NidDown(str(none)) from none
        faults = faults_of(answer)
        if faults and (faults[0].message.startswith("401 Unauthorized") or answer.status == 200):
            # a wrong secret is an HTTP 500 there, an unknown application a 200 (§1.3)
            raise NidDown(Failure(FailureKind.CHANNEL, f"auth manager: {faults[0]}"[:200], "auth manager"))
        if faults or answer.status != 200:
            said = str(faults[0]) if faults else ""
            raise NidDown(by_status("auth manager", answer.status, answer.wait, said))
        token = auth.handed_over(answer.headers.get("Authorization"), answer.headers.getall("Set-Cookie", []))
        if token is None:
            raise NidDown("auth manager: HTTP 200 without a token")
        hide(token)
        return token


def _expiry(token: str) -> datetime | None:
    try:
        return instant(jwt.decode(token, options={"verify_signature": False}).get("exp"))
    except UNREADABLE:
        return None
