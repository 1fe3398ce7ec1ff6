"""Where faults can strike, and how a handler learns of one (contract DESIGN "faults at named seams")."""

from __future__ import annotations

import re

from aiohttp import web

from mock_nid.errors import EnvelopeError, dumped
from testbed.faults import GENERIC, Fault, FaultKind, Faults
from testbed.serving import belongs_to, play, tell
from wire.http.listening import Handler
from wire.mosip.envelope import response_envelope

MOSIP = GENERIC | {FaultKind.MOSIP_ERROR}

SEAMS: dict[str, frozenset[FaultKind]] = {
    "auth.token": MOSIP | {FaultKind.EXPIRED_TOKEN},
    "auth.validate": MOSIP,
    "packet.create": MOSIP | {FaultKind.EMPTY_RESPONSE},
    "packet.process": MOSIP,
    "status.search": MOSIP,
    "hub.subscribe": GENERIC,
    "hub.intent": frozenset({FaultKind.LOSE}),
    "hub.deliver": frozenset(
        {
            FaultKind.LOSE,
            FaultKind.DUPLICATE,
            FaultKind.SLOW,
            FaultKind.WRONG_SIGNATURE,
            FaultKind.NO_SIGNATURE,
            FaultKind.WRONG_TOPIC,
            FaultKind.MALFORMED_BODY,
            FaultKind.TRUNCATED_BODY,
        }
    ),
    "credential": frozenset({FaultKind.WRONG_KEY, FaultKind.WRONG_PROOF}),
    "public-key": GENERIC,
    "data-share": MOSIP,
    "uin.generate": MOSIP,
    "identity": MOSIP,
    "vid": MOSIP,
    "ida": MOSIP | {FaultKind.WRONG_SIGNATURE},
    "esignet": GENERIC,
}
"""Every seam and the kinds of fault that it can play."""

INJECTED = web.RequestKey("injected", Fault)

_ID = re.compile(
    rb'"(?:registrationId|birthCertificateNumber|deathCertificateNumber|id)"\s*:\s*"([^"]{1,64})"'
)


def seam(faults: Faults, name: str, handler: Handler) -> Handler:
    """A handler at a seam: generic faults and MOSIP errors are played, others handed on in the request."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        fault = None
        if faults.armed:
            fault = faults.strike(name, await _mentioned(request))
        if fault is None:
            return await handler(request)
        tell(request, fault)
        if fault.kind in GENERIC:
            return await play(faults.world, fault, request, handler)
        if fault.kind is FaultKind.MOSIP_ERROR:
            raise EnvelopeError(fault.code or "KER-XXX-000", fault.message or "Unknown Exception")
        if fault.kind is FaultKind.EMPTY_RESPONSE:
            body = dumped(response_envelope(None, now=faults.world.clock.now(), errors=[]))
            return web.Response(body=body, content_type="application/json")
        request[INJECTED] = fault
        return await handler(request)

    return guarded


async def _mentioned(request: web.Request) -> list[str]:
    """The ids that a request's body mentions, so that a fault can be bound to one record."""
    found = [match.decode(errors="replace") for match in _ID.findall(await request.read())]
    belongs_to(request, *(one for one in found if not one.startswith(("string", "mosip."))))
    return found


def injected(request: web.Request) -> Fault | None:
    """The fault that the handler itself has to play, if one struck."""
    return request.get(INJECTED)
