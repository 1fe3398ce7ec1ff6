"""Where faults can strike, and what can be played there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from mock_nid.errors import EnvelopeError, dumped
from testbed.faults import GENERIC, OF_CREDENTIAL, OF_DELIVERY, FaultKind, Faults
from testbed.serving import belongs_to, faulty, injected
from wire.http.listening import Handler
from wire.mosip.envelope import response_envelope

SERVED = GENERIC | {FaultKind.GATEWAY}
MOSIP = SERVED | {FaultKind.MOSIP_ERROR}

SEAMS: dict[str, frozenset[FaultKind]] = {
    "auth.token": MOSIP | {FaultKind.EXPIRED_TOKEN},
    "auth.validate": MOSIP,
    "packet.create": MOSIP | {FaultKind.EMPTY_RESPONSE},
    "packet.process": MOSIP,
    "status.search": MOSIP,
    "application": MOSIP,
    "hub.subscribe": SERVED,
    "hub.intent": frozenset({FaultKind.LOSE}),
    "hub.deliver": OF_DELIVERY | {FaultKind.LOSE, FaultKind.DUPLICATE, FaultKind.SLOW},
    "credential": OF_CREDENTIAL,
    "public-key": SERVED,
    "data-share": MOSIP,
    "uin.generate": MOSIP,
    "identity": MOSIP,
    "vid": MOSIP | {FaultKind.INACTIVE_VID},
    "ida": MOSIP | {FaultKind.WRONG_SIGNATURE},
    "esignet": SERVED,
}
"""Every seam and the kinds of fault that it can play."""

_ID = re.compile(
    rb'"(?:registrationId|birthCertificateNumber|deathCertificateNumber|id)"\s*:\s*"([^"]{1,64})"'
)


_STATUSES = frozenset(HTTPStatus)
_GATEWAYS: Mapping[int, str] = {
    404: "no Route matched with those values",
    408: "Request Timeout",
    413: "Request size limit exceeded",
    429: "API rate limit exceeded",
}


def gateway_answer(status: int, seconds: float) -> web.Response:
    """What stands in front of MOSIP says by itself: never about the record (contract mosip §15 row 8)."""
    if status in _GATEWAYS:
        headers = {"Retry-After": f"{seconds:g}"} if status == 429 else {}
        body = dumped({"message": _GATEWAYS[status]})
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)
    named = f"{status} {HTTPStatus(status).phrase if status in _STATUSES else 'Error'}"
    page = f"<html><head><title>{named}</title></head><body><center><h1>{named}</h1></center></body></html>"
    return web.Response(status=status, text=page, content_type="text/html")


def at_seam(faults: Faults, seam: str, handler: Handler) -> Handler:
    """A handler at a seam: MOSIP's own errors are played here, what is in an answer by the handler."""

    async def mosip(request: web.Request) -> web.StreamResponse:
        fault = injected(request)
        if fault is not None and fault.kind is FaultKind.GATEWAY:
            return gateway_answer(fault.status, fault.seconds)
        if fault is not None and fault.kind is FaultKind.MOSIP_ERROR:
            raise EnvelopeError(fault.code or "KER-XXX-000", fault.message or "Unknown Exception")
        if fault is not None and fault.kind is FaultKind.EMPTY_RESPONSE:
            body = dumped(response_envelope(None, now=faults.world.clock.now(), errors=[]))
            return web.Response(body=body, content_type="application/json")
        return await handler(request)

    return faulty(faults, seam, mosip, _mentioned)


async def _mentioned(request: web.Request) -> list[str]:
    """The ids that a request's body mentions, so that a fault can be bound to one record."""
    found = [match.decode(errors="replace") for match in _ID.findall(await request.read())]
    belongs_to(request, *(one for one in found if not one.startswith(("string", "mosip."))))
    return found
