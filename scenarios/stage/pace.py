"""How time goes in a rehearsal: a story waits for something, or lets days pass.

On the virtual clock waiting jumps from one due instant to the next; for spectators it stands still a while
before each jump. Where parts have clocks of their own, it polls.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from math import log1p
from typing import Any, TypeVar

from scenarios.story import NeverHappened
from wire.virtual_clock import VirtualClock
from wire.world import Clock, World

T = TypeVar("T")
Condition = Callable[[], "bool | Awaitable[bool]"]

_POLL = 0.05


async def holds(condition: Condition) -> bool:
    """The condition's truth now, whether it is a plain or an asynchronous question."""
    answer = condition()
    return answer if isinstance(answer, bool) else await answer


class StoryPace(ABC):
    """The ways to wait. `breath`: how long nothing must happen until a thing counts as still."""

    breath: timedelta

    @abstractmethod
    async def until(self, condition: Condition, within: timedelta, every: timedelta | None = None) -> bool:
        """Let time go until the condition holds; False when `within` has passed without it.

        `every`: how far apart a question that is dear to ask is asked; None: whenever something was due.
        """

    @abstractmethod
    def granted(self, within: timedelta) -> timedelta:
        """How long is waited at most for what a story expects within so much time."""

    @abstractmethod
    async def passes(self, span: timedelta) -> None:
        """Let this much time go, with everything that falls due in it."""

    async def finish(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        """Let time go until `doing` is done; NeverHappened when it is not done within."""
        task = asyncio.ensure_future(doing)
        if not await self.until(task.done, within):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise NeverHappened(f"no answer within {spoken(self.granted(within))}")
        return task.result()

    @abstractmethod
    async def at_once(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        """Wait for what takes no time of the story; `finish` where others' parts may never answer."""


class VirtualPace(StoryPace):
    """Jumps: no real time is spent waiting."""

    breath = timedelta(minutes=1)

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
                await self._jump(limit)
                return await holds(condition)
            await self._jump(due)

    def granted(self, within: timedelta) -> timedelta:
        return within

    async def passes(self, span: timedelta) -> None:
        await self._jump(self._clock.now() + span)

    async def at_once(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        return await doing

    async def _jump(self, target: datetime) -> None:
        await self._clock.advance_to(target)


class WatchedPace(VirtualPace):
    """Jumps as the virtual pace does, and stands still before each jump for as long as a spectator needs.

    Nothing is in flight when the clock moves, so time limits and tokens last as long as they would have.
    """

    def __init__(self, world: World, stands: Clock) -> None:
        super().__init__(world)
        self._stands = stands
        """The clock on which the spectator waits."""

    async def until(self, condition: Condition, within: timedelta, every: timedelta | None = None) -> bool:
        self._begins()
        return await super().until(condition, within, every)

    async def passes(self, span: timedelta) -> None:
        self._begins()
        end = self._clock.now() + span
        await self._clock.settle()
        while (due := self._clock.next_due()) is not None and due < end:
            await self._jump(due)
        await self._jump(end)

    def _begins(self) -> None:
        self._began, self._stood = self._clock.now(), timedelta()

    async def _jump(self, target: datetime) -> None:
        due = watchable(target - self._began)
        await self._stands.sleep((due - self._stood).total_seconds())
        self._stood = due
        await super()._jump(target)


class RealPace(StoryPace):
    """Real seconds, for parts that have a clock of their own: asks again and again.

    `longest`: what a wait is cut to, so that a story's days are minutes. It is counted from the last change
    of `progress`, up to five times: who gets on with a heap is not late.
    """

    breath = timedelta(seconds=2)

    def __init__(
        self,
        world: World,
        *,
        longest: timedelta | None = None,
        progress: Callable[[], object] = lambda: None,
    ) -> None:
        self._world = world
        self._longest = longest
        self._progress = progress

    async def until(self, condition: Condition, within: timedelta, every: timedelta | None = None) -> bool:
        clock, granted = self._world.clock, self.granted(within)
        limit = clock.now() + granted
        last, seen = clock.now() + min(5 * granted, within), self._progress()
        while clock.now() < limit:
            if await holds(condition):
                return True
            await clock.sleep(_POLL)
            if (now := self._progress()) != seen:
                limit, seen = min(last, clock.now() + granted), now
        return await holds(condition)

    def granted(self, within: timedelta) -> timedelta:
        return min(within, self._longest or within)

    async def passes(self, span: timedelta) -> None:
        span = squeezed(span) if self._longest else span
        await self._world.clock.sleep(span.total_seconds())

    async def at_once(self, doing: Coroutine[Any, Any, T], within: timedelta) -> T:
        return await self.finish(doing, within)


def watchable(span: timedelta) -> timedelta:
    """A story's time for a spectator: five seconds are 0.3 s, an hour is 1.2 s, eight days are 2 s."""
    return timedelta(seconds=0.15 * log1p(span.total_seconds()))


def squeezed(span: timedelta) -> timedelta:
    """A story's time where it cannot be jumped: an hour is 0.8 s, eight days are 11; the order is kept."""
    hours = span.total_seconds() / 3600
    return min(span, timedelta(seconds=0.8 * hours**0.5))


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
