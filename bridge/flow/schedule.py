"""When each destination's pump has to look: the store tells of every task that was written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bridge.registration import DESTINATION, Destination, Task
from wire.world import Clock

_NEVER = datetime.max.replace(tzinfo=UTC)


class Schedule:
    """Of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.woken = {destination: asyncio.Event() for destination in Destination}
        """Set when a pump has to look at once."""
        self._looks_at = dict.fromkeys(Destination, _NEVER)
        """When each pump looks by itself; work that is due before has to wake it."""
        self._behind = set(Destination)
        """Whose due work may wait in the store: at the start, and until a look has found the end of it."""

    def due(self, task: Task, due_at: datetime) -> None:
        """Work of this kind was written: its pump looks when it falls due."""
        destination = DESTINATION[task]
        if due_at <= self._clock.now():
            self._behind.add(destination)
        if due_at < self._looks_at[destination]:
            self._looks_at[destination] = due_at
            self.woken[destination].set()

    def looking(self, destination: Destination) -> None:
        """Its pump looks now: what is written from here on wakes it again."""
        self._looks_at[destination] = _NEVER

    def looks_by_itself(self, destination: Destination, at: datetime) -> None:
        self._looks_at[destination] = min(self._looks_at[destination], at)

    def is_behind(self, destination: Destination) -> bool:
        return destination in self._behind

    def fell_behind(self, destination: Destination) -> None:
        self._behind.add(destination)

    def caught_up(self, destination: Destination) -> None:
        self._behind.discard(destination)
