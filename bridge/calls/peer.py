"""Whom the bridge calls. That no answer came is a failure like any other, of the peer's own kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bridge.calls.failure import Failed
from bridge.settings import Settings
from wire.http.client import Answer, HttpClient, NoAnswer
from wire.world import World


class Peer:
    """One peer, called within BRIDGE_CALL_SECONDS. Make it inside the running loop; close it at the end.

    `down`: what is raised when no answer comes. `connections`: at once.
    """

    def __init__(
        self, name: str, settings: Settings, world: World, down: type[Failed], *, connections: int = 32
    ) -> None:
        self._client = HttpClient(
            name, world, settings.call_seconds, connections=connections, ca_file=settings.ca_file
        )
        self._down = down

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        body: bytes | None = None,
        content: Any = None,
        follow: bool = False,
    ) -> Answer:
        """One exchange: any answer, or `down`. `content` goes as JSON; redirects are followed when asked."""
        given = dict(headers or {})
        if bearer is not None:
            given["Authorization"] = f"Bearer {bearer}"
        if content is not None:
            given["Content-Type"], body = "application/json", json.dumps(content).encode()
        try:
            return await self._client.call(method, url, headers=given, body=body, follow=follow)
        except NoAnswer as none:
            raise self._down(str(none)) from none

    async def close(self) -> None:
        await self._client.close()


def object_in(answer: Answer) -> dict[str, Any] | None:
    """The body when it is a JSON object."""
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
