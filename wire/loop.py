"""How a server's process runs: which event loop, and until when."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

import uvloop

from wire.logs import loop_trouble

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on uvloop, which does a loop's work in C.

    For processes with a system clock: the virtual one looks into asyncio's own loop.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(loop_trouble)
        return runner.run(main)


async def until_stopped() -> None:
    """For a server that has started: return when the process is told to stop (Ctrl-C, or SIGTERM)."""
    keep_what_is_loaded()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


@cache
def keep_what_is_loaded() -> None:
    """Have the garbage collector leave alone what was loaded at start, and come less often.

    What a process loads lives as long as it does; to look through it again and again took a seventh of the
    time. Called again, it does nothing: what came since may go.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
