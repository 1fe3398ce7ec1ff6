"""How fast a destination is given work, by all replicas together. Pure.

A rate is kept by spacing: `free_at` is when the next piece may begin. Instants are microseconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass

_SECOND = 1_000_000
_CROWDED_SECONDS = 1.0
"""How soon it is looked again whether others have finished theirs."""


@dataclass(frozen=True)
class Pace:
    """`rate`: pieces a second; `in_flight`: pieces at once. None: no limit."""

    rate: float | None = None
    in_flight: int | None = None

    def begin(self, now: int, free_at: int, under_way: int, wanted: int) -> int:
        """How many of the wanted may begin now."""
        if self.in_flight is not None:
            wanted = min(wanted, max(0, self.in_flight - under_way))
        if self.rate is None:
            return wanted
        since = now - self._since(now, free_at)
        return min(wanted, int(since // self._interval) + 1) if since >= 0 else 0

    def after(self, now: int, free_at: int, begun: int) -> int:
        """`free_at`, when so many have begun."""
        return int(self._since(now, free_at) + begun * self._interval) if self.rate is not None else free_at

    def wait(self, now: int, free_at: int) -> float:
        """Seconds until it may be worth looking again; `free_at` as it is after the last."""
        spaced = (self._since(now, free_at) - now) / _SECOND if self.rate is not None else 0.0
        return max(spaced, 0.001) if spaced > 0 or self.in_flight is None else _CROWDED_SECONDS

    @property
    def _interval(self) -> float:
        return _SECOND / (self.rate or _SECOND)

    def _since(self, now: int, free_at: int) -> float:
        """`free_at` within its bounds: unused time is kept for a twentieth of a second, and a clock that was
        put back makes nobody wait.
        """
        burst = max(1, int((self.rate or 0) / 20))
        earliest = now - (burst - 1) * self._interval
        latest = now + (burst + 1) * self._interval
        return max(earliest, free_at) if free_at <= latest else now
