"""A closed loop of work: so many in flight, each next one begun when one ends; rates and percentiles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Measured:
    """`count` pieces of work in `seconds`; latencies in milliseconds."""

    count: int
    seconds: float
    median: float
    p99: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


async def measure(
    work: Callable[[int], Awaitable[None]], count: int, in_flight: int, warm_up: int = 0
) -> Measured:
    """Do work 0…count-1 with `in_flight` at once; the first `warm_up` are done before and not counted."""
    await _drive(work, range(warm_up), in_flight)
    begun = perf_counter()
    latencies = sorted(await _drive(work, range(warm_up, warm_up + count), in_flight))
    seconds = perf_counter() - begun
    return Measured(count, seconds, _ms(latencies, 0.5), _ms(latencies, 0.99))


async def _drive(work: Callable[[int], Awaitable[None]], numbers: range, in_flight: int) -> list[float]:
    waiting = iter(numbers)
    latencies: list[float] = []

    async def worker() -> None:
        for number in waiting:
            begun = perf_counter()
            await work(number)
            latencies.append(perf_counter() - begun)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker())
    return latencies


def _ms(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
