from __future__ import annotations

import asyncio
import os
import signal

import pytest

from wire import loop
from wire.logs import route_structlog


def test_a_server_runs_on_uvloop() -> None:
    async def kind() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert loop.run(kind()) == "uvloop"


def test_what_the_server_raises_is_raised() -> None:
    async def broken() -> None:
        raise LookupError("no port")

    with pytest.raises(LookupError, match="no port"):
        loop.run(broken())


class _Server:
    closed = False

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("plain", [False, True])
def test_the_stop_that_comes_as_it_tells_that_it_listens_ends_it_well(plain: bool) -> None:
    server, told = _Server(), []

    async def start() -> _Server:
        return server

    def tell(listening: _Server) -> None:
        told.append(listening)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.run(loop.serve(start(), tell), plain=plain)
    assert told == [server] and server.closed


def test_a_server_that_is_stopped_while_it_starts_undoes_what_it_began() -> None:
    undone = []

    async def start() -> _Server:
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            undone.append(True)
        return _Server()

    loop.run(loop.serve(start(), lambda server: pytest.fail("it does not listen")))
    assert undone


def test_a_server_that_cannot_start_says_why() -> None:
    async def start() -> _Server:
        raise LookupError("no port")

    with pytest.raises(LookupError, match="no port"):
        loop.run(loop.serve(start(), lambda server: None))


def test_the_story_s_loop_tells_its_trouble_without_the_objects_at_hand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    route_structlog()

    async def fail() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "lost", "future": "a future that holds secret-value-7"}
        )

    loop.run(fail(), plain=True)
    assert "lost" in caplog.text and "secret-value-7" not in caplog.text
