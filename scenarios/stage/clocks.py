"""A clock that can go wrong: the same time, read with an error. For stories in which parties disagree."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime, timedelta

from scenarios.story import Actor
from wire.world import Clock, World


class SkewedClock:
    """Reads too much or too little by an error that a story sets; durations pass as on the true clock."""

    def __init__(self, true: Clock) -> None:
        self._true = true
        self._error = timedelta()
        self._read: dict[datetime, datetime] | None = None
        """What it showed, to the millisecond, and when it truly was; since it first went wrong."""

    @property
    def error(self) -> timedelta:
        """How much too much it reads now."""
        return self._error

    def is_wrong_by(self, error: timedelta) -> None:
        """From now on the clock is fast by this much, or slow when it is negative; zero: right again."""
        self._error = error
        self._read = self._read or {}

    def corrected(self, shown: datetime) -> datetime:
        """When it truly was, when this clock showed that. Of several such moments the last one."""
        return (self._read or {}).get(_rounded(shown), shown)

    def now(self) -> datetime:
        truly = self._true.now()
        shown = truly + self._error
        if self._read is not None:
            self._read[_rounded(shown)] = truly
        return shown

    async def sleep(self, seconds: float) -> None:
        await self._true.sleep(seconds)

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[None]:
        return self._true.timeout(seconds)

    async def advance(self, seconds: float) -> None:
        await self._true.advance(seconds)

    async def settle(self) -> None:
        await self._true.settle()

    def work(self) -> AbstractContextManager[None]:
        return self._true.work()


def _rounded(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def own_clocks(true: Clock) -> dict[Actor, SkewedClock]:
    """A clock for each party that has one; all are right."""
    return {actor: SkewedClock(true) for actor in (Actor.OPENCRVS, Actor.NID, Actor.BRIDGE)}


def own_world(world: World, clocks: Mapping[Actor, SkewedClock], actor: Actor) -> World:
    """A party's world: its own clock, and a chance whose draws shift nobody else's."""
    return World(clocks[actor], world.with_seed(f"{actor}-{world.chance.digits(8)}").chance)
