"""Drives work with so many in flight and tells how long each took."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Size:
    """How many pieces of work are counted, how many are at once under way, and how many are done before."""

    count: int
    in_flight: int
    warm_up: int

    @property
    def all(self) -> int:
        return self.count + self.warm_up


@dataclass(frozen=True)
class Measured:
    """`count` pieces of work in `seconds`; latencies in milliseconds.

    `spent` is the processor time of each process for one piece of work, in milliseconds.
    """

    count: int
    seconds: float
    median: float
    p99: float
    spent: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.count / self.seconds


async def measure(
    work: Callable[[int], Awaitable[float | None]],
    size: Size,
    meter: Callable[[], tuple[float, ...]],
) -> Measured:
    """Do the warm-up, then what is counted. `meter` reads the processor seconds of each process so far.

    A piece of work may return its own latency in seconds; else all of it counts.
    """
    await _drive(work, range(size.warm_up), size.in_flight)
    before, begun = meter(), perf_counter()
    latencies = sorted(await _drive(work, range(size.warm_up, size.all), size.in_flight))
    seconds, after = perf_counter() - begun, meter()
    spent = tuple((b - a) / size.count * 1000 for a, b in zip(before, after, strict=True))
    return Measured(size.count, seconds, _ms(latencies, 0.5), _ms(latencies, 0.99), spent)


async def _drive(
    work: Callable[[int], Awaitable[float | None]], numbers: range, in_flight: int
) -> list[float]:
    waiting = iter(numbers)
    latencies: list[float] = []

    async def worker() -> None:
        for number in waiting:
            begun = perf_counter()
            own = await work(number)
            latencies.append(perf_counter() - begun if own is None else own)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker())
    return latencies


def _ms(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
