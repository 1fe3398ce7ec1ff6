"""The log-in at MOSIP's auth manager, and calls under its token, which is renewed when a service refuses it.

Contract mosip §1. HTTP 200 does not mean success there: the errors must be empty and a token present.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge.calls.failure import Failure, FailureKind, by_status
from bridge.calls.kept_token import KeptToken
from bridge.calls.peer import Peer
from bridge.mosip.answers import faults_of
from bridge.nid import NidDown
from wire.http.client import Answer
from wire.mosip import auth
from wire.redaction import hide
from wire.world import World

_UNDATED = timedelta(minutes=10)


class Login:
    """One client of the auth manager."""

    def __init__(self, peer: Peer, world: World, url: str, app_id: str, client_id: str, secret: str) -> None:
        self._peer, self._clock, self._url = peer, world.clock, url
        self._credentials = (client_id, secret, app_id)
        self._token = KeptToken(world, self._fetch, _UNDATED)

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: Any = None,
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> Answer:
        """A call with this client's token; one more try with a new token after a 401. `content` goes as JSON.
        NidDown when there is no answer.
        """
        headers = {"Content-Type": content_type} if content_type is not None else {}

        async def ask(token: str) -> Answer:
            given = {**headers, "Cookie": auth.cookie(token)}
            return await self._peer.call(method, url, headers=given, content=content, body=body)

        answer = await ask(token := await self._token.current())
        if answer.status == 401:
            self._token.refused(token)
            answer = await ask(await self._token.current())
        return answer

    async def _fetch(self) -> str:
        body = auth.token_request(*self._credentials, self._clock.now())
        answer = await self._peer.call("POST", self._url, content=body)
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
