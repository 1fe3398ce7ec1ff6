"""How a server listens: a free port or a clear refusal, bodies as they came, connections that end."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from wire.addresses import listening_address
from wire.entry import CannotBegin

IDLE_SECONDS = 75.0
"""A connection that sends no whole request head within this is closed, one that is kept alive too."""
_BACKLOG = 1024
"""Connections that may come at once: a burst beyond it costs its callers a second each."""
_LINE_LIMIT = 1_048_576
"""tRPC puts the inputs of all queries of a tick into the URL: aiohttp's 8 KiB are soon full."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotListen(CannotBegin):
    """Nobody can listen there; the text says why, and which setting to change."""


class PortTaken(CannotListen):
    """Another program listens on that port."""

    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(
            f"port {port} on {host} is taken by another program; stop that program, "
            f"or choose a free port with {setting} (0 takes any free one)"
        )
        self.port = port


@dataclass(frozen=True)
class Listening:
    """An application on its socket."""

    url: str
    port: int
    _runner: web.AppRunner

    async def close(self) -> None:
        await self._runner.cleanup()


async def listen(
    app: web.Application,
    host: str,
    port: int,
    setting: str,
    *,
    line_limit: int = _LINE_LIMIT,
    shutdown_seconds: float = 1.0,
) -> Listening:
    """Serve `app`; port 0 takes a free one. CannotListen (PortTaken) tells to change `setting`.

    `line_limit`: bytes of the request line and of a header. A body is handed on as it came: what its
    Content-Encoding promises may not be there, and aiohttp's connection is lost after a wrong label.
    """
    app.middlewares.append(_body_that_is_one)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=shutdown_seconds,
        keepalive_timeout=IDLE_SECONDS,
        max_line_size=line_limit,
        max_field_size=line_limit,
        auto_decompress=False,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host.strip("[]"), port, reuse_address=True, backlog=_BACKLOG).start()
    except OSError as error:
        await runner.cleanup()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port, setting) from error
        why = " ".join(str(error).split())[:300]
        raise CannotListen(
            f"cannot listen on {host}, port {port}: {why}; choose with the server's HOST and {setting}"
        ) from error
    bound: int = runner.addresses[0][1]
    return Listening(listening_address(host, bound), bound, runner)


@web.middleware
async def _body_that_is_one(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Next to the handler, so that each server renders it: a body that breaks off is the sender's fault."""
    try:
        return await handler(request)
    except web.RequestPayloadError:
        request.content.feed_eof()  # nothing more is read of it, also not by the server
        raise web.HTTPBadRequest(text="the body is cut, or not framed as it says") from None
