"""A clock that goes wrong: the same time, read with an error. For stories in which parties disagree."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from wire.world import Clock


@dataclass(frozen=True)
class SkewedClock:
    """Reads `ahead` too much (negative: too little); durations pass as on the true clock."""

    true: Clock
    ahead: timedelta

    def now(self) -> datetime:
        return self.true.now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        await self.true.sleep(seconds)

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[None]:
        return self.true.timeout(seconds)

    async def advance(self, seconds: float) -> None:
        await self.true.advance(seconds)

    async def settle(self) -> None:
        await self.true.settle()

    def work(self) -> AbstractContextManager[None]:
        return self.true.work()
