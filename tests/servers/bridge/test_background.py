"""What works in the background outlives whatever its work raises, says so, and readiness tells the truth."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bridge.registration import State
from bridge.store import lanes
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.queued import queued
from wire.background import Loop
from wire.world import World

HOUR = 3600.0


async def test_loop_outlives_what_its_round_raises() -> None:
    world, rounds = World.virtual(), 0

    async def round() -> float:
        nonlocal rounds
        rounds += 1
        if rounds < 4:
            raise RuntimeError("nobody thought of this")
        return HOUR

    loop = Loop("one", world.clock, round)
    with capture_logs() as logs:
        loop.start()
        await world.clock.settle()
        assert loop.runs and loop.trouble == "RuntimeError"
        await world.clock.advance(60)
    assert rounds == 4 and loop.trouble is None
    assert [line["event"] for line in logs] == ["background loop failed"] * 3
    await loop.close()
    assert not loop.runs


async def test_loops_outlive_a_lock_that_another_program_holds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_PATIENCE_MS", 20)
    other = sqlite3.connect(stage.settings["database_url"].partition("///")[2], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with capture_logs() as logs:
        await stage.world.clock.advance(6 * HOUR)
    assert {line["loop"] for line in logs if line["event"] == "background loop failed"}
    url = f"{stage.running.mediator_url}/ready"
    async with ClientSession() as session, session.get(url) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 503
    other.execute("ROLLBACK")
    other.close()
    await stage.world.clock.advance(120)
    assert (await stage.trigger(event))[0] == 202
    async with ClientSession() as session, session.get(url) as answer:
        assert all((await answer.json())["subscriptions"].values())


async def test_clock_that_is_put_back_makes_nobody_wait_longer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.mosip.down = True
    waiting = await queued(stage)
    back, now = timedelta(hours=1), type(stage.world.clock).now
    monkeypatch.setattr(type(stage.world.clock), "now", lambda clock: _earlier(now(clock), back))
    stage.mosip.down = False
    await stage.world.clock.advance(60)
    assert (await stage.of(waiting)).state is State.SUBMITTED


def _earlier(now: datetime, by: timedelta) -> datetime:
    return now - by
