"""Calls of OpenCRVS's events service behind its gateway, by tRPC (contract opencrvs §3)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bridge.calls.failure import Failed, by_status
from bridge.calls.peer import Peer
from bridge.opencrvs.confirmation import not_its_word
from bridge.settings import Settings
from wire.opencrvs import trpc
from wire.redaction import redact_text


class EventsService:
    """Each call gives the value or a TRPCError; Failed for what a gateway says."""

    def __init__(self, settings: Settings, peer: Peer) -> None:
        # core builds `new URL('events', gateway)`: a path in the gateway's URL is dropped; we keep it
        self._base, self._peer = settings.gateway_url + "/events", peer

    async def ask(self, procedure: str, wanted: Any, bearer: str, *, absent: Collection[int] = ()) -> Any:
        """`absent`: statuses that tell an absence, which is an answer, too, whoever says it."""
        return await self._call("GET", trpc.query_url(procedure, wanted), None, bearer, absent)

    async def change(self, procedure: str, content: Any, bearer: str) -> Any:
        """A mutation with this input."""
        target, body = trpc.mutation(procedure, content)
        return await self._call("POST", target, body, bearer)

    async def _call(
        self, method: str, target: str, body: bytes | None, bearer: str, absent: Collection[int] = ()
    ) -> Any:
        url = self._base + target
        answer = await self._peer.call(method, url, headers=trpc.HEADERS, bearer=bearer, body=body)
        found = trpc.read(answer.status, answer.content_type, answer.body)
        if isinstance(found, trpc.TRPCError) and not_its_word(found) and found.http_status not in absent:
            raise Failed(by_status("OpenCRVS", found.http_status, answer.wait, redact_text(found.message)))
        return found
