"""The events service's own port, and core's word that it is ready (§0.4, row 31).

Here the country's server makes its system clients: the token that it is given for that opens no gateway.
Upstream: packages/events/src of 2.1, systemReady.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiohttp import web

from mock_opencrvs.auth.caller import bearer_of
from mock_opencrvs.events.core import Core
from mock_opencrvs.http.events_service import Answered, EventsService
from testbed.serving import BY, OPERATION, belongs_to
from wire.opencrvs.tokens import EVENTS, GATEWAY, TokenRefused, bearer

_TRIES, _LONGEST, _PATIENCE = 10, 30.0, 5.0
_NOT_THERE = (404, 501)
"""Answers of a country that has no clients to make."""
_log = structlog.get_logger("mock_opencrvs")


@dataclass(frozen=True)
class EventsPort:
    """`/{path}`: tRPC and REST, as behind the gateway's `/events`."""

    core: Core
    service: EventsService

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/{path:.*}", self.events)]

    async def events(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = request.match_info["path"] or "events"
        with suppress(TokenRefused):
            claims = self.core.tokens.verify(bearer(request.headers.get("Authorization")), (GATEWAY, EVENTS))
            request[BY] = bearer_of(claims)
        incoming = self.service.read(request, await request.read())
        answered = await self.service.answer(incoming)
        belongs_to(request, *incoming.records, *answered.records)
        return _response(answered)


def _response(answered: Answered) -> web.Response:
    headers = {"Content-Type": answered.content_type or "application/json", "Vary": answered.vary}
    return web.Response(status=answered.status, body=answered.body, headers=headers)


async def announce_ready(core: Core) -> bool:
    """`GET /trigger/system/ready` until the country has answered, ten times at most; whether it did.

    A fresh token each time, since one lives for 60 s and the tries take longer.
    """
    why = ""
    for at in range(_TRIES):
        if at:
            await core.world.clock.sleep(min(2.0 ** (at - 1), _LONGEST))
        token = await core.tokens.for_country_at_start()
        answer = await core.trigger.get("system.ready", "/trigger/system/ready", f"Bearer {token}", _PATIENCE)
        if answer.status is not None and (200 <= answer.status < 300 or answer.status in _NOT_THERE):
            return True
        why = answer.why or f"answered {answer.status}"
    _log.error(
        "the country's server did not take system/ready: its system clients may be missing",
        tries=_TRIES,
        last=why,
        remedy="mend its /trigger/system/ready, then start OpenCRVS again",
    )
    return False
