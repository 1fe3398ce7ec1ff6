"""How time goes: the spectators' pace shortens what is waited for, and cuts nothing that is under way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from scenarios.stage.pace import WatchedPace, watchable
from wire.virtual_clock import VirtualClock
from wire.world import World

DAY = timedelta(days=1)


class Stopwatch(VirtualClock):
    """A spectator's clock that counts what was waited on it, and waits for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds


async def hours_of(world: World, seen: list[float]) -> None:
    began = world.clock.now()
    while True:
        await world.clock.sleep(3600)
        seen.append((world.clock.now() - began) / timedelta(hours=1))


async def test_eight_days_take_a_spectator_less_than_three_seconds() -> None:
    world, stopwatch = World.virtual(), Stopwatch()
    seen: list[float] = []
    hourly = asyncio.create_task(hours_of(world, seen))
    await WatchedPace(world, stopwatch).passes(8 * DAY)
    hourly.cancel()
    assert seen == list(range(1, 8 * 24 + 1))
    assert stopwatch.waited == pytest.approx(watchable(8 * DAY).total_seconds())
    assert stopwatch.waited < 3


async def test_a_wait_ends_at_the_instant_at_which_the_condition_holds() -> None:
    world, stopwatch = World.virtual(), Stopwatch()
    seen: list[float] = []
    hourly = asyncio.create_task(hours_of(world, seen))
    assert await WatchedPace(world, stopwatch).until(lambda: len(seen) == 5, 30 * DAY)
    hourly.cancel()
    assert seen == [1, 2, 3, 4, 5]
    assert stopwatch.waited == pytest.approx(watchable(timedelta(hours=5)).total_seconds())


async def test_what_never_comes_is_waited_for_as_long_as_was_said() -> None:
    world = World.virtual()
    began = world.clock.now()
    assert not await WatchedPace(world, Stopwatch()).until(lambda: False, 5 * DAY)
    assert world.clock.now() - began == 5 * DAY


async def test_a_call_that_is_under_way_does_not_run_into_its_time_limit() -> None:
    world = World.virtual()
    answers: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def calls() -> None:
        for _ in range(20):
            await world.clock.sleep(3600)
            async with world.clock.timeout(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"well\n")
                answers.append(await reader.readline())
                writer.close()

    pace = WatchedPace(world, Stopwatch())
    await pace.finish(calls(), 5 * DAY)
    assert answers == [b"WELL\n"] * 20
    server.close()


@pytest.mark.parametrize(
    ("span", "seconds"), [(timedelta(0), 0), (timedelta(seconds=5), 0.27), (timedelta(hours=1), 1.23)]
)
def test_what_a_spectator_waits(span: timedelta, seconds: float) -> None:
    assert watchable(span).total_seconds() == pytest.approx(seconds, abs=0.01)
