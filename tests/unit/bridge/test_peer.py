"""Whom the bridge calls: what is sent, and that silence is a failure of the peer's own kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.calls.peer import Peer, object_in
from bridge.nid import NidDown
from bridge.settings import Settings
from wire.world import World


async def told(request: web.Request) -> web.Response:
    """What the peer was sent."""
    if request.path == "/list":
        return web.json_response([1])
    headers = {name: request.headers.get(name) for name in ("Authorization", "Content-Type", "Cookie")}
    return web.json_response({"method": request.method, "body": await request.text(), **headers})


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", told)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer("MOSIP", Settings(call_seconds=5.0), World.system(), NidDown)
    yield peer
    await peer.close()


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, {"method": "POST", "body": "", "Authorization": None}),
        ({"bearer": "T"}, {"Authorization": "Bearer T"}),
        ({"content": {"a": 1}}, {"body": '{"a": 1}', "Content-Type": "application/json"}),
        ({"body": b"x", "headers": {"Content-Type": "text/x"}}, {"body": "x", "Content-Type": "text/x"}),
        ({"content": [], "headers": {"Cookie": "C"}}, {"body": "[]", "Cookie": "C"}),
    ],
)
async def test_what_is_sent(
    peer: Peer, server: TestServer, given: dict[str, Any], seen: dict[str, Any]
) -> None:
    answer = await peer.call("POST", str(server.make_url("/")), **given)
    assert seen.items() <= (object_in(answer) or {}).items()


async def test_no_object_is_none(peer: Peer, server: TestServer) -> None:
    assert object_in(await peer.call("GET", str(server.make_url("/list")))) is None


async def test_silence_is_the_peers_own_failure(peer: Peer) -> None:
    with pytest.raises(NidDown, match="MOSIP: "):
        await peer.call("GET", "http://127.0.0.1:9/")
