"""How answers are written, and the middleware that renders refusals in each service's own form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from mock_nid.errors import NidError, SpringError, dumped
from wire.foreign_json import read_json
from wire.http.listening import Handler
from wire.world import World

LIMIT = 20 * 1024 * 1024


def json_answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Jackson writes it."""
    return web.Response(body=dumped(value), status=status, content_type="application/json", headers=headers)


def render(error: NidError, now: datetime) -> web.Response:
    return web.Response(
        body=error.body(now),
        status=error.status,
        content_type=error.content_type,
        headers=dict(error.headers),
    )


async def spring_json(request: web.Request) -> Any:
    """The body as JSON; Spring's own 400 or 415 when it is none."""
    body = await request.read()
    if request.content_type != "application/json":
        raise SpringError(415, request.path)
    try:
        return read_json(body)
    except ValueError:
        raise SpringError(400, request.path) from None


def refusals(world: World) -> Middleware:
    """Render every NidError; unknown paths and methods as Spring does."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except NidError as error:
            return render(error, world.clock.now())
        except web.HTTPRequestEntityTooLarge:
            return render(SpringError(400, request.path), world.clock.now())
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            if request.path.startswith("/admin"):
                raise
            answer = render(SpringError(error.status, request.path), world.clock.now())
            if isinstance(error, web.HTTPMethodNotAllowed):
                answer.headers["Allow"] = error.headers["Allow"]
            return answer

    return middleware
