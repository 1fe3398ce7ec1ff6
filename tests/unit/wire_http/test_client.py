"""Calls out over real sockets: time limits, kept connections that end, answers that are too large."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from wire.http.client import LONGEST_ASKED, HttpClient, NoAnswer
from wire.http.listening import listen
from wire.world import World

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def server(answers: Answers) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answers)
    listening = await listen(app, "127.0.0.1", 0, "-")
    try:
        yield listening.url
    finally:
        await listening.close()


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.method} {request.path} {(await request.read()).decode()}")


async def test_an_answer_has_its_status_its_body_and_its_headers() -> None:
    async with server(hello) as url, HttpClient("toy", World.system(), 5) as client:
        answer = await client.call("POST", f"{url}/a%2Fb", body=b"x")
    assert (answer.status, answer.text()) == (200, "POST /a/b x")
    assert answer.content_type == "text/plain; charset=utf-8"


async def test_nobody_there_is_told_with_the_peers_name_and_as_a_reply() -> None:
    async with server(hello) as url:
        pass
    async with HttpClient("toy", World.system(), 5) as client:
        with pytest.raises(NoAnswer, match=r"^toy: ClientConnector") as none:
            await client.call("GET", url)
        reply = await client.reply("GET", url)
    assert (reply.status, reply.ok, reply.text) == (None, False, none.value.what)
    with pytest.raises(ValueError):
        reply.json()


async def test_an_address_that_is_none_tells_nothing_of_itself() -> None:
    async with HttpClient("toy", World.system(), 5) as client:
        with pytest.raises(NoAnswer) as none:
            await client.call("GET", "nowhere/6041872935")
    assert "6041872935" not in str(none.value)


async def test_the_limit_is_the_worlds_clock() -> None:
    world, never = World.virtual(), asyncio.Event()

    async def waits(request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    async with server(waits) as url, HttpClient("toy", world, 20) as client:
        asking = asyncio.create_task(client.reply("GET", url))
        await world.clock.advance(19)
        assert not asking.done()
        await world.clock.advance(1)
        assert (await asking).why == "no answer within 20 s"
        never.set()


@pytest.mark.parametrize(("repeats", "status", "asked"), [(True, 200, 3), (False, None, 2)])
async def test_a_kept_connection_that_ends_as_we_ask_is_asked_again_on_a_new_one(
    repeats: bool, status: int | None, asked: int
) -> None:
    seen: list[str] = []

    async def cuts_second(request: web.Request) -> web.Response:
        seen.append(request.path)
        if len(seen) == 2 and request.transport is not None:
            request.transport.abort()
        return web.Response()

    async with server(cuts_second) as url, HttpClient("toy", World.system(), 5, repeats=repeats) as client:
        await client.call("POST", f"{url}/first")
        reply = await client.reply("POST", f"{url}/second")
    assert (reply.status, len(seen)) == (status, asked)


async def test_a_new_connection_that_ends_is_no_answer() -> None:
    async def cuts(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with server(cuts) as url, HttpClient("toy", World.system(), 5) as client:
        with pytest.raises(NoAnswer, match=r"ServerDisconnected|ClientOSError"):
            await client.call("GET", url)


@pytest.mark.parametrize(("size", "whole"), [(999, True), (1000, True), (1001, False), (300_000, False)])
async def test_an_answer_is_bounded(size: int, whole: bool) -> None:
    async def long(request: web.Request) -> web.Response:
        return web.Response(body=b"a" * size)

    async with server(long) as url, HttpClient("toy", World.system(), 5, answer_limit=1000) as client:
        reply = await client.reply("GET", url)
    assert (reply.status == 200 and len(reply.body) == size) is whole
    assert ("larger than 1000 bytes" in reply.why) is not whole


@pytest.fixture
def in_dhaka() -> Iterator[None]:
    """This process's zone is six hours from UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Dhaka")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7.0),
        ("99999999999", LONGEST_ASKED),
        ("Mon, 02 Mar 2026 08:01:00 GMT", 60.0),
        ("Monday, 02-Mar-26 08:01:00 GMT", 60.0),
        ("Mon Mar  2 08:01:00 2026", 60.0),
        ("Mon, 02 Mar 2026 07:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("soon", None),
        ("-1", None),
        (None, None),
    ],
)
async def test_retry_after_is_read_as_number_and_date(
    said: str | None, wait: float | None, in_dhaka: None
) -> None:
    async def later(request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": said} if said else {})

    async with server(later) as url, HttpClient("toy", World.virtual(), None) as client:
        assert (await client.call("GET", url)).wait == wait


@pytest.mark.parametrize(("follow", "status"), [(False, 302), (True, 200)])
async def test_redirects_are_followed_only_when_asked(follow: bool, status: int) -> None:
    async def moved(request: web.Request) -> web.Response:
        if request.path == "/there":
            return web.Response()
        return web.Response(status=302, headers={"Location": "/there"})

    async with server(moved) as url, HttpClient("toy", World.system(), 5) as client:
        assert (await client.call("GET", url, follow=follow)).status == status


async def test_the_lines_of_a_stream_come_one_by_one_and_a_refusal_is_told() -> None:
    async def two(request: web.Request) -> web.Response:
        return web.Response(text="data: 1\ndata: 2\n", status=200 if request.path == "/lines" else 404)

    async with server(two) as url, HttpClient("toy", World.system(), 5) as client:
        assert [line async for line in client.lines(f"{url}/lines")] == ["data: 1", "data: 2"]
        with pytest.raises(NoAnswer, match="answers 404"):
            [line async for line in client.lines(f"{url}/other")]
