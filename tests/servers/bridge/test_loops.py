"""What works in the background outlives whatever its work raises, says so, and readiness tells the truth."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from structlog.testing import capture_logs

from bridge.registration import State
from bridge.store import lanes
from bridge.store.database import open_lanes
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.test_nid_trouble import queued
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


async def test_connections_that_were_cut_are_made_anew(postgres: Any) -> None:
    """Whether that is noticed before they are used, while they are, or in the middle of a unit."""
    opened = await open_lanes(postgres.get_uri(), World.system())
    admin = create_async_engine(make_url(postgres.get_uri()).set(drivername="postgresql+asyncpg"))
    one = text("SELECT 1 AS one")
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    async def eight() -> list[Any]:
        return await asyncio.gather(*(opened.writer.run(lambda unit: unit.first(one)) for _ in range(8)))

    async def cutting() -> None:
        async with admin.connect() as connection:
            await connection.execute(cut)

    try:
        for _ in range(10):
            assert await eight() == [{"one": 1}] * 8
            await cutting()
            assert await eight() == [{"one": 1}] * 8
            assert (await asyncio.gather(eight(), cutting()))[0] == [{"one": 1}] * 8
    finally:
        await admin.dispose()
        await opened.close()


async def test_a_url_may_turn_off_prepared_statements(postgres: Any) -> None:
    """As behind PgBouncer; the name is SQLAlchemy's, and no statement is left prepared."""
    url = make_url(postgres.get_uri()).update_query_dict({"prepared_statement_cache_size": "0"})
    opened = await open_lanes(url.render_as_string(hide_password=False), World.system())
    left = text("SELECT count(*) AS prepared FROM pg_prepared_statements WHERE statement LIKE '%1 AS one%'")
    try:
        await opened.writer.run(lambda session: session.first(text("SELECT 1 AS one")))
        assert await opened.writer.run(lambda session: session.first(left)) == {"prepared": 0}
    finally:
        await opened.close()
