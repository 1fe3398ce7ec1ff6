"""The virtual clock: who wakes when, and what it waits for."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession, web

from wire.virtual_clock import VirtualClock
from wire.world import World

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


async def test_sleepers_wake_in_the_order_of_time_and_see_their_own_instant() -> None:
    clock = VirtualClock(START)
    woken: list[tuple[str, timedelta]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now() - START))

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("week", 7 * 86400), ("minute", 60), ("hour", 3600)):
            group.create_task(sleeper(name, seconds))
        await clock.advance(8 * 86400)
    assert woken == [
        ("minute", timedelta(minutes=1)),
        ("hour", timedelta(hours=1)),
        ("week", timedelta(days=7)),
    ]
    assert clock.now() == START + timedelta(days=8)


async def test_what_a_woken_task_puts_off_again_still_happens_within_the_advance() -> None:
    clock = VirtualClock(START)
    seen: list[float] = []

    async def hourly() -> None:
        while True:
            await clock.sleep(3600)
            seen.append((clock.now() - START).total_seconds() / 3600)

    task = asyncio.create_task(hourly())
    await clock.advance(5.5 * 3600)
    task.cancel()
    assert seen == [1, 2, 3, 4, 5]


async def test_time_stands_still_while_nobody_moves_it() -> None:
    clock = VirtualClock(START)
    await clock.settle()
    assert clock.now() == START


async def test_a_timeout_follows_the_virtual_clock() -> None:
    clock = VirtualClock(START)

    async def limited() -> str:
        try:
            async with clock.timeout(15):
                await asyncio.Event().wait()
        except TimeoutError:
            return "gave up"
        return "never"

    task = asyncio.create_task(limited())
    await clock.advance(14)
    assert not task.done()
    await clock.advance(1)
    assert await task == "gave up"


async def test_a_timeout_that_is_not_reached_leaves_no_sleeper_that_fires_later() -> None:
    clock = VirtualClock(START)
    async with clock.timeout(15):
        await asyncio.sleep(0)
    await clock.advance(60)
    assert clock.next_due() is None


async def test_settling_waits_for_threads_that_are_counted_as_work() -> None:
    world = World.virtual(START)
    done: list[str] = []

    async def slow_signature() -> None:
        await world.offload(time.sleep, 0.05)
        done.append("signed")

    task = asyncio.create_task(slow_signature())
    await world.clock.settle()
    assert done == ["signed"]
    await task


async def test_two_may_settle_at_once() -> None:
    world = World.virtual(START)
    await asyncio.gather(world.clock.settle(), world.clock.settle(), world.clock.advance(60))
    assert world.clock.now() == START + timedelta(minutes=1)


async def test_settling_waits_for_a_request_on_a_loopback_socket() -> None:
    world = World.virtual(START)
    answered: list[int] = []

    async def after_a_minute(request: web.Request) -> web.Response:
        await world.clock.sleep(60)
        return web.Response(text="late")

    app = web.Application()
    app.router.add_get("/", after_a_minute)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    async with ClientSession() as session:

        async def ask() -> None:
            async with session.get(f"http://127.0.0.1:{port}/") as response:
                await response.read()
                answered.append(response.status)

        task = asyncio.create_task(ask())
        await world.clock.advance(59)
        assert answered == []
        await world.clock.advance(2)
        assert answered == [200]
        await task
    await runner.cleanup()
