"""Which origin's pages may call the mediator: the client application's, as upstream (mosip §11.1)."""

from __future__ import annotations

from aiohttp import hdrs, web

from wire.addresses import origin_of
from wire.http.listening import Handler

METHODS = "GET, POST, DELETE"


def allow_origin(app: web.Application, origin: str) -> None:
    """Let pages of `origin` (`https://register.example`) read the answers of `app`; no other origin's may."""
    allowed = origin_of(origin)

    @web.middleware
    async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
        asks = request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
        if not asks or request.headers.get(hdrs.ORIGIN) != allowed:
            return await handler(request)
        names = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS, "")
        headers = {hdrs.ACCESS_CONTROL_ALLOW_METHODS: METHODS, hdrs.ACCESS_CONTROL_ALLOW_HEADERS: names}
        return web.Response(status=204, headers=headers)

    async def mark(request: web.Request, response: web.StreamResponse) -> None:
        # at the prepare, because some handlers write their answer themselves
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        if request.headers.get(hdrs.ORIGIN) == allowed:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = allowed

    app.middlewares.insert(0, preflight)
    app.on_response_prepare.append(mark)
