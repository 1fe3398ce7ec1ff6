"""How a server's process runs: which event loop, and until when."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T], *, plain: bool = False) -> T:
    """`asyncio.run` on uvloop, which does a loop's work in C; `plain`: on asyncio's own, into which the
    virtual clock looks. What goes wrong in the loop is told through the log, without the objects at hand.
    """
    # imported late: a command that starts no loop does not wait for them
    from wire.logs import configure_logs, loop_trouble
    from wire.world import World

    if not logging.getLogger().handlers:  # a command that keeps no log: what goes wrong is told all the same
        configure_logs(World.system(), level="WARNING")
    with asyncio.Runner(loop_factory=None if plain else _uvloop) as runner:
        runner.get_loop().set_exception_handler(loop_trouble)
        return runner.run(main)


def _uvloop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


class Closing(Protocol):
    """What has been started."""

    async def close(self) -> None: ...


S = TypeVar("S", bound=Closing)


async def serve(starting: Coroutine[Any, Any, S], tell: Callable[[S], object]) -> None:
    """Start a server, tell that it listens, and close it when the process is told to stop (Ctrl-C, SIGTERM).

    A process that is stopped while it starts ends as well: it undoes what it has begun.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    stopped, started = asyncio.create_task(stop.wait()), asyncio.create_task(starting)
    await asyncio.wait({stopped, started}, return_when=asyncio.FIRST_COMPLETED)
    if not started.done():
        started.cancel()
        await asyncio.wait({started})
    if started.cancelled():
        return
    server = started.result()
    try:
        keep_what_is_loaded()
        tell(server)
        await stopped
    finally:
        await server.close()


@cache
def keep_what_is_loaded() -> None:
    """Have the garbage collector leave alone what was loaded at start, and come less often.

    What a process loads lives as long as it does; to look through it again and again took a seventh of the
    time. Called again, it does nothing: what came since may go.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
