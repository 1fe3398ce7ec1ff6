"""Who may call the page, and in which form it answers: hosts, origins, headers, problems. Edge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from scenarios.console.access import ActRefused
from scenarios.console.reading import Unreachable
from testbed.guard import host_is_allowed, same_origin
from wire.http.listening import Handler
from wire.http.problem import problem

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def _problem(status: int, key: str, title: str, params: Mapping[str, Any] | None = None) -> web.Response:
    """Problem details with the key under which the page finds the sentence in the reader's language."""
    return problem(status, title, key=key, params=params or {})


def guard(allowed_hosts: Collection[str]) -> Middleware:
    """Refuse foreign hosts and cross-site posts, render refusals, put the security headers on everything."""
    log = structlog.get_logger("console")
    names = frozenset({"localhost", *allowed_hosts})

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = _refusal(request, names)
        if response is None:
            try:
                return await handler(request)
            except ActRefused as refused:
                response = _problem(refused.status, refused.key, str(refused), refused.params)
            except Unreachable as gone:
                response = _problem(502, "unreachable", str(gone), {"system": gone.system, "why": gone.why})
            except web.HTTPException as error:
                response = _problem(error.status, "http", error.reason, {"status": error.status})
            except ConnectionResetError:
                raise
            except Exception:  # logged whole; the page learns nothing of our inside
                log.exception("unexpected error", path=request.path)
                response = _problem(500, "unexpected", "an unexpected error; it is in the log")
        return response

    return middleware


async def put_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer, streams included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _refusal(request: web.Request, names: frozenset[str]) -> web.Response | None:
    if not host_is_allowed(request.headers.get("Host", ""), names):
        return _problem(421, "foreign-host", "this page is not served under that name")
    if request.method in ("GET", "HEAD"):
        return None
    if not same_origin(request.headers.get("Origin"), request.headers.get("Host", "")):
        return _problem(403, "foreign-origin", "only the console's own page may do this")
    if request.content_type != "application/json":
        return _problem(415, "not-json", "send JSON")
    return None
