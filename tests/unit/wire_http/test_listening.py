"""How a server listens: taken ports and unusable addresses in one line, bodies that are none as 4xx."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from wire.http.listening import CannotListen, PortTaken, listen


async def _read(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


def _app() -> web.Application:
    app = web.Application()
    app.router.add_post("/", _read)
    return app


async def test_a_taken_port_is_named_with_the_setting_to_change() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} .* TOY_PORT") as taken:
            await listen(web.Application(), "127.0.0.1", port, "TOY_PORT")
    assert taken.value.port == port


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_an_address_that_is_not_ours_is_no_taken_port(host: str) -> None:
    with pytest.raises(CannotListen, match=rf"cannot listen on {host}.*TOY_PORT") as cannot:
        await listen(web.Application(), host, 0, "TOY_PORT")
    assert not isinstance(cannot.value, PortTaken)
    assert "\n" not in str(cannot.value)


async def _answered(request: bytes) -> bytes:
    listening = await listen(_app(), "127.0.0.1", 0, "-")
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", listening.port)
        writer.write(request)
        await writer.drain()
        line = await reader.readline()
        writer.close()
        return line
    finally:
        await listening.close()


_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", b"400"),
        (_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", b"200"),
        (
            _HEAD + b"Content-Length: 0\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
            b"200",
        ),
    ],
    ids=["chunks that are none", "a label that belies the body", "a long header"],
)
async def test_a_body_is_handed_on_as_it_came_and_a_broken_one_refused(
    request_: bytes, status: bytes
) -> None:
    assert status in await _answered(request_)
