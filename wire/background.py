"""Background loops that outlive whatever their work raises. A loop that ended in silence would be missed for
days.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from wire.world import Clock

LONGEST_SECONDS = 60.0
"""The longest wait after a round that failed; the first is a second, and they double."""


class Loop:
    """Does `round` again and again; it returns the seconds until the next one, and raises an error of `ends`
    when there is nothing more to do.

    Any other error is told with its traceback, and the round is tried again. `wake`, or who sets `woken`,
    begins the next round at once. `trouble` is what the last round failed with, None when it did not:
    readiness is computed from it.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        round: Callable[[], Awaitable[float]],
        *,
        ends: tuple[type[Exception], ...] = (),
        woken: asyncio.Event | None = None,
    ) -> None:
        self.name, self._clock, self._round, self._ends = name, clock, round, ends
        self._log = structlog.get_logger("background")
        self._woken = woken or asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self.trouble: str | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._rounds(), name=self.name)

    @property
    def runs(self) -> bool:
        """Whether it still does its rounds."""
        return self._task is not None and not self._task.done()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """End it as soon as it lets go."""
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """End it and wait for the end."""
        self.stop()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            self._woken.clear()
            try:
                seconds = await self._round()
            except self._ends:
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the loop goes on
                seconds = min(LONGEST_SECONDS, 2.0 ** min(self._failures, 10))
                self._failures += 1
                self.trouble = type(error).__name__
                self._log.exception("background loop failed", loop=self.name, again_in_seconds=seconds)
            else:
                self._failures, self.trouble = 0, None
            await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with self._clock.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
