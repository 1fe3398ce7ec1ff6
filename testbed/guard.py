"""Who may call a page or route of ours that acts: no page of another origin. Edge.

A browser on the same machine reaches what listens on loopback, and does what any page in it says.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from testbed.admin import Problem
from wire.http.listening import Handler

_OF_FORMS = frozenset({"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
"""What a browser lets any page send anywhere without asking first."""

_ACTING = frozenset({"admin", "control"})
"""First words of the paths under which something can be done."""


def admin_guard(allowed_hosts: Collection[str]) -> Middleware:
    """For what acts: 421 under a foreign name, 403 to a foreign origin, 415 to a body that is not JSON.

    Programs send no Origin, and may act; `allowed_hosts` are names beside localhost and addresses.
    """
    names = frozenset({"localhost", *allowed_hosts})

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.split("/", 2)[1] not in _ACTING:
            return await handler(request)
        refusal = _refusal(request, names)
        return await handler(request) if refusal is None else refusal.response()

    return middleware


def _refusal(request: web.Request, names: Collection[str]) -> Problem | None:
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if not host_is_allowed(host, names):
        return Problem(
            421,
            "Nobody is called so here",
            "Call it by an address or localhost, or name it in MOCK_…_ALLOWED_HOSTS.",
        )
    if origin is not None and not same_origin(origin, host):
        return Problem(403, "A page of another origin may not do this", "Call it from a program.")
    kind = request.content_type
    if kind in _OF_FORMS or (request.body_exists and kind != "application/json"):
        return Problem(415, "The request body is not JSON", "Send it with content-type: application/json.")
    return None


def host_is_allowed(host: str, names: Collection[str]) -> bool:
    """Loopback and plain addresses, localhost, and names of the settings: no name that an attacker owns.

    A page on a foreign name that resolves to this machine would otherwise be of our origin (DNS rebinding).
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in names:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def same_origin(origin: str | None, host: str) -> bool:
    """Whether the Origin header names the very host that was called."""
    if not origin or not host:
        return False
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == host
