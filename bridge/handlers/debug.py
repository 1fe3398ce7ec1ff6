"""The mediator's debug routes, without its hole: a token is never shown, a deletion never leaves a record
waiting.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from structlog.contextvars import bind_contextvars

from bridge.errors import Refusal
from bridge.flow.operations import NotPossible, Operations
from bridge.opencrvs.authority import confirmation
from bridge.opencrvs.token_checker import TokenChecker
from bridge.serving import token_of
from bridge.store.audit import OperatorAct
from bridge.store.store import Store
from wire.opencrvs.scopes import allows
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY
from wire.world import timestamp

_FORBIDDEN = "You do not have permission to access this resource."


class DebugApi:
    """`/debug/transactions`: needs a token with search rights, or to take a record back its own."""

    def __init__(self, operations: Operations, store: Store, tokens: TokenChecker) -> None:
        self._operations, self._store, self._tokens = operations, store, tokens

    async def on_list(self, request: web.Request) -> web.Response:
        claims = await self._tokens.verify(token_of(request), (COUNTRY_CONFIG, GATEWAY))
        if not all(_may_search(claims, event_type) for event_type in ("birth", "death")):
            raise Refusal(403, _FORBIDDEN)
        return web.json_response(
            [
                {
                    "eventId": registration.event_id,
                    "actionId": registration.action_id,
                    "id": registration.packet_id,
                    "registration_number": registration.number,
                    "created_at": timestamp(registration.received_at),
                }
                for registration in await self._store.listings.pending(limit=1000)
            ]
        )

    async def on_delete(self, request: web.Request) -> web.Response:
        """Rejects the record in OpenCRVS; upstream only forgot it, and OpenCRVS waited for ever."""
        named = confirmation(await self._tokens.verify(token_of(request), (COUNTRY_CONFIG, GATEWAY)))
        id = request.match_info["id"]
        found = await self._operations.show(id)
        if found is None or found[0].packet_id != id:
            raise Refusal(404, "Transaction with this id not found.")
        bind_contextvars(**found[0].names)
        if named != (found[0].event_id, found[0].action_id):
            raise Refusal(403, _FORBIDDEN, "the token is another record's")
        await self._store.audit.add(OperatorAct("an administrator at OpenCRVS", "take back", found[0].id))
        try:
            await self._operations.reject(found[0], "The registration was taken back by an administrator.")
        except NotPossible as error:
            raise Refusal(409, "Not possible now", str(error)) from error
        return web.json_response({"registrationNumber": found[0].number})


def _may_search(claims: dict[str, Any], event_type: str) -> bool:
    scopes = claims.get("scope") or ()
    return any(allows(scopes, name, event_type=event_type) for name in ("record.search", "search"))
