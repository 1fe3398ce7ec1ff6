"""How time goes in a rehearsal: a story waits for something, or lets days pass.

On the virtual clock waiting jumps from one due instant to the next. On a real clock it polls, and long
waits are shortened by moving the clock ahead, if its parts share one clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from wire.world import VirtualClock, World

T = TypeVar("T")
Condition = Callable[[], "bool | Awaitable[bool]"]

_POLL = 0.05
_PATIENCE = timedelta(seconds=20)
_STRIDES = 100


class NeverHappened(Exception):
    """What a story waited for did not come within its time."""


async def holds(condition: Condition) -> bool:
    """The condition's truth now, whether it is a plain or an asynchronous question."""
    answer = condition()
    return answer if isinstance(answer, bool) else await answer


class Pace(Protocol):
    """The ways to wait."""

    async def until(self, condition: Condition, within: timedelta, every: timedelta | None = None) -> bool:
        """Let time go until the condition holds; False when `within` has passed without it.

        `every`: how far apart a question that is dear to ask is asked; None: whenever something was due.
        """

    async def passes(self, span: timedelta) -> None:
        """Let this much time go, with everything that falls due in it."""

    async def finish(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        """Let time go until `doing` is done; TimeoutError when it is not done within."""


class VirtualPace:
    """Jumps: no real time is spent waiting."""

    def __init__(self, world: World) -> None:
        if not isinstance(world.clock, VirtualClock):
            raise TypeError("the virtual pace needs a World with a virtual clock")
        self._clock: VirtualClock = world.clock

    async def until(self, condition: Condition, within: timedelta, every: timedelta | None = None) -> bool:
        limit = self._clock.now() + within
        while True:
            await self._clock.settle()
            if await holds(condition):
                return True
            due = self._clock.next_due() if every is None else self._clock.now() + every
            if due is None or due > limit:
                await self._clock.advance_to(limit)
                return await holds(condition)
            await self._clock.advance_to(due)

    async def passes(self, span: timedelta) -> None:
        await self._clock.advance(span.total_seconds())

    async def finish(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        return await _finished(self, doing, within)


class RealPace:
    """Real seconds. Waits beyond `patience` stride ahead on the shared clock when there is one."""

    def __init__(self, world: World, *, shared: bool, longest: timedelta | None = None) -> None:
        self._world = world
        self._shared = shared
        """Whether every part lives on this World's clock, so that moving it moves all of them."""
        self._longest = longest
        """What a wait is cut to when a part has a clock of its own: a story's days are then minutes."""

    async def until(self, condition: Condition, within: timedelta, every: timedelta | None = None) -> bool:
        clock = self._world.clock
        within = min(within, self._longest or within)
        limit = clock.now() + within
        stride = within / _STRIDES if self._shared and within > _PATIENCE else timedelta()
        while clock.now() < limit:
            if await holds(condition):
                return True
            await clock.sleep(_POLL)
            if stride:
                await clock.advance(stride.total_seconds())
        return await holds(condition)

    async def passes(self, span: timedelta) -> None:
        if self._shared and span > _PATIENCE:
            await self._world.clock.advance(span.total_seconds())
            await self._world.clock.sleep(1)
        else:
            span = squeezed(span) if self._longest else span
            await self._world.clock.sleep(span.total_seconds())

    async def finish(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        return await _finished(self, doing, within)


def squeezed(span: timedelta) -> timedelta:
    """A story's time where it cannot be jumped: an hour is 0.8 s, eight days are 11; the order is kept."""
    hours = span.total_seconds() / 3600
    return min(span, timedelta(seconds=0.8 * hours**0.5))


async def _finished(pace: Pace, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
    task = asyncio.ensure_future(doing)
    if not await pace.until(task.done, within):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise TimeoutError(f"no answer within {spoken(within)}")
    return task.result()


_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def spoken(span: timedelta) -> str:
    """A duration in words, its two biggest units: `8 days`, `2 hours 5 minutes`."""
    left = int(span.total_seconds())
    parts: list[str] = []
    for unit, size in _UNITS:
        many, left = divmod(left, size)
        if many:
            parts.append(f"{many} {unit}{'' if many == 1 else 's'}")
    return " ".join(parts[:2]) or "no time"


def moment(instant: datetime) -> str:
    """An instant as a reader of a report wants it: `2 Mar 08:14:07`."""
    return f"{instant.day} {instant:%b %H:%M:%S}"
