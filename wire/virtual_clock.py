"""Time that stands still until it is advanced, so that an eight-day review plays in milliseconds."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta

REHEARSAL_START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Where virtual time begins unless told otherwise: the dates of the shipped declarations are near it."""


class _Sleepers:
    """Waiting futures ordered by the instant at which they are due."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def add(self, due: datetime) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._heap, (due, next(self._order), future))
        return future

    def next_due(self) -> datetime | None:
        while self._heap and self._heap[0][2].done():
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def wake(self, now: datetime) -> None:
        while self._heap and self._heap[0][0] <= now:
            future = heapq.heappop(self._heap)[2]
            if not future.done():
                future.set_result(None)


class VirtualClock:
    """Time that stands still until it is advanced, for runs in one process on one event loop.

    `advance` goes from one due instant to the next and lets the process settle at each: no callback is
    ready, no socket has data, no counted thread work is open. Loopback sockets deliver at once, so a
    request that was sent is seen. Threads are seen only through `work` (or `World.offload`).
    """

    def __init__(self, start: datetime = REHEARSAL_START) -> None:
        if start.tzinfo is None:
            raise ValueError("the virtual clock needs an aware start, e.g. datetime(2026, 3, 2, tzinfo=UTC)")
        self._now = start.astimezone(UTC)
        self._sleepers = _Sleepers()
        self._open_work = 0
        self._work_ended: asyncio.Future[None] | None = None
        self._settling: asyncio.Future[None] | None = None

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self._sleepers.add(self._now + timedelta(seconds=seconds))

    @asynccontextmanager
    async def timeout(self, seconds: float | None) -> AsyncIterator[None]:
        """`asyncio.timeout` on this clock: the deadline is moved to the past when the clock reaches it."""
        if seconds is None:
            yield
            return
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:

            async def watch() -> None:
                await self.sleep(seconds)
                limit.reschedule(loop.time())

            watcher = asyncio.create_task(watch())
            try:
                yield
            finally:
                watcher.cancel()

    def next_due(self) -> datetime | None:
        """When the next sleeper wakes; None when nobody sleeps."""
        return self._sleepers.next_due()

    async def advance(self, seconds: float) -> None:
        await self.advance_to(self._now + timedelta(seconds=seconds))

    async def advance_to(self, target: datetime) -> None:
        """Play everything that falls due up to and including `target`, in the order of time."""
        await self.settle()
        while (due := self._sleepers.next_due()) is not None and due <= target:
            self._now = max(self._now, due)
            self._sleepers.wake(self._now)
            await self.settle()
        self._now = max(self._now, target)

    async def settle(self) -> None:
        if self._settling is not None:
            # two that look for quiet would each be the other's noise
            await asyncio.shield(self._settling)
            return
        loop = asyncio.get_running_loop()
        self._settling = settled = loop.create_future()
        try:
            await self._until_quiet(loop)
        finally:
            self._settling = None
            settled.set_result(None)

    async def _until_quiet(self, loop: asyncio.AbstractEventLoop) -> None:
        quiet = 0
        while quiet < 3:
            if self._open_work:
                # a poll would cost a millisecond each time: the selector waits in whole ones
                self._work_ended = self._work_ended or loop.create_future()
                await asyncio.shield(self._work_ended)
                quiet = 0
                continue
            await asyncio.sleep(0)
            quiet = quiet + 1 if _idle(loop) and not self._open_work else 0

    @contextmanager
    def work(self) -> Iterator[None]:
        self._open_work += 1
        try:
            yield
        finally:
            self._open_work -= 1
            ended = self._work_ended
            if not self._open_work and ended is not None:
                self._work_ended = None
                if not ended.done():
                    ended.set_result(None)


def _idle(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether only this coroutine would run: no ready callback and no socket with news.

    asyncio offers no public view of this, so the standard selector loop is looked into.
    """
    ready = getattr(loop, "_ready", None)
    selector = getattr(loop, "_selector", None)
    if ready is None or selector is None:
        raise RuntimeError("the virtual clock needs asyncio's own selector event loop (not uvloop)")
    return not ready and not selector.select(0)
