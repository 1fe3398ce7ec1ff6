"""How the actors speak: one HTTP session for a stage, JSON to our own routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

_CONNECTIONS = 500
"""As many clicks at once as the servers' queues of new connections take."""

_LIMIT_SECONDS = 7200.0
"""How long an actor waits for an answer: longer than anything a story plays."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; status None when none came, `text` then says why."""

    status: int | None
    text: str

    @property
    def ok(self) -> bool:
        return self.status is not None and self.status < 400

    def json(self) -> Any:
        return json.loads(self.text)


def session() -> ClientSession:
    """A session that leaves time to the world's clock."""
    return ClientSession(
        timeout=ClientTimeout(total=None, sock_connect=None), connector=TCPConnector(limit=_CONNECTIONS)
    )


class HttpClient:
    """A caller's line to the servers, bounded by the world's clock."""

    def __init__(self, http: ClientSession, timeout: Any) -> None:
        self.http = http
        self._timeout = timeout

    async def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request. A connection that fails is a Reply without status, never an exception."""
        try:
            async with (
                self._timeout(_LIMIT_SECONDS),
                self.http.request(method, url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return Reply(answer.status, await answer.text())
        except (ClientError, OSError) as error:
            return Reply(None, f"{type(error).__name__}: {error}")
        except TimeoutError:
            return Reply(None, f"no answer within {_LIMIT_SECONDS:g} s")

    async def json(
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        return await self.call(
            method, url, body=data, headers={"content-type": "application/json", **(headers or {})}
        )
