"""What hapi adds for browsers on other origins: preflights and headers (upstream gateway/src/server.ts).

The gateway of a development installation lets every origin in; the auth service's own port lets none.
"""

from __future__ import annotations

from aiohttp import web

from mock_opencrvs.errors import HapiError
from testbed.serving import OPERATION
from wire.http.listening import Handler

_EXPOSED = "WWW-Authenticate,Server-Authorization"
_ALLOWED = ("Accept", "Authorization", "Content-Type", "If-None-Match")
_OUR_OWN = ("/admin", "/openapi.yaml", "/docs")


@web.middleware
async def cross_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer preflights, and let other origins read what the gateway says. Our own routes are not theirs."""
    if request.path.startswith(_OUR_OWN):
        return await handler(request)
    if request.method == "OPTIONS":
        request[OPERATION] = "preflight"
        return await _preflight(request)
    response = await handler(request)
    origin = request.headers.get("Origin")
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
    # hapi's own errors are made past the step that names the version
    refused = "X-Version" not in response.headers
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED if refused else f"X-Version,{_EXPOSED}"
    return response


async def _preflight(request: web.Request) -> web.Response:
    headers = {"Cache-Control": "no-cache"}
    method, origin = request.headers.get("Access-Control-Request-Method"), request.headers.get("Origin")
    why = None
    if method is None:
        why = "CORS error: Missing Access-Control-Request-Method header"
    elif (await request.app.router.resolve(request.clone(method=method))).http_exception is not None:
        why = "Not Found"
    elif origin is None:
        why = "CORS error: Missing Origin header"
    if why is not None:
        return HapiError(404, why).response(headers)
    wanted = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    if not {name.strip() for name in wanted} <= {"", "origin", *(name.lower() for name in _ALLOWED)}:
        headers["Access-Control-Expose-Headers"] = "X-Version"
        return web.json_response({"message": "CORS error: Some headers are not allowed"}, headers=headers)
    headers |= {
        "Access-Control-Allow-Origin": str(origin),
        "Access-Control-Allow-Methods": str(method),
        "Access-Control-Allow-Headers": ",".join(_ALLOWED),
        "Access-Control-Max-Age": "86400",
        "Access-Control-Expose-Headers": f"{_EXPOSED},X-Version",
    }
    return web.Response(headers=headers)
