"""How either database is opened, written to and found again."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, column, func, literal, select, table, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.store.database import open_lanes
from bridge.store.lanes import Conflict
from bridge.store.sessions import Session
from bridge.store.statements import BEGIN_COUNT, COUNT, COUNTER, new
from bridge.store.store import Store
from bridge.store.tables import COUNTERS
from tests.servers.bridge.conftest import set_up
from tests.servers.bridge.delivered import waiting
from wire.keyfolder import KeyFolder
from wire.world import World


async def test_both_databases_are_written_to_by_the_question_whether_they_can_be(store: Store) -> None:
    await store.ready()
    await asyncio.gather(*(store.ready() for _ in range(5)))
    assert not await store.erasure.purge(World.virtual().clock.now() + timedelta(days=9), most=10), (
        "a probe was left"
    )


async def test_connections_that_were_cut_are_made_anew(postgres: Any) -> None:
    """Whether that is noticed before they are used, while they are, or in the middle of a unit."""
    opened = await open_lanes(postgres.get_uri(), World.system())
    admin = create_async_engine(make_url(postgres.get_uri()).set(drivername="postgresql+asyncpg"))
    one = select(literal(1).label("one"))
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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_listing_sees_one_moment(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Else a record that goes from one state to another meanwhile is listed twice, or not at all."""
    change = "UPDATE counters SET value = 2 WHERE key = 'A'"
    url, changed = f"sqlite:///{tmp_path}/bridge.db", partial(changed_in, tmp_path / "bridge.db", change)
    if kind == "postgresql":
        postgres = request.getfixturevalue("postgres")
        url, changed = postgres.get_uri(), partial(postgres.psql, f"{change};")
    opened = await open_lanes(url, World.system())

    def looks_twice(session: Session) -> list[int]:
        first = session.all(COUNTED)
        changed()
        return [row["value"] for row in (*first, *session.all(COUNTED))]

    try:
        await opened.writer.run(lambda session: added(session, "A", 1))
        assert await opened.listings.run(looks_twice) == [1, 1]
        assert [row["value"] for row in await opened.listings.run(lambda look: look.all(COUNTED))] == [2]
    finally:
        await opened.close()


def changed_in(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as other, other:
        other.execute(statement)


OF = COUNTERS.c.key == bindparam("wanted")
LOCK = update(COUNTERS).where(OF).values(value=COUNTERS.c.value + 1)
COUNTED = select(COUNTERS).where(COUNTERS.c.key.not_like("oldest schema%"))


def added(session: Session, key: str, value: int) -> None:
    session.run(BEGIN_COUNT, new({"key": key, "value": value}))


async def test_what_fails_in_a_group_leaves_nothing_and_the_others_are_written(postgres: Any) -> None:
    opened = await open_lanes(postgres.get_uri(), World.system())

    def add(key: str, session: Session) -> None:
        added(session, key, 1)
        if key == "wrong":
            raise ValueError(key)

    try:
        keys = ["a", "wrong", "a", "b"]  # the second a is there already
        units = (opened.writer.run(partial(add, key)) for key in keys)
        done = await asyncio.gather(*units, return_exceptions=True)
        assert [type(each) for each in done] == [type(None), ValueError, Conflict, type(None)]
        rows = await opened.lookups.run(lambda session: session.all(COUNTED))
        assert sorted(row["key"] for row in rows) == ["a", "b"]
    finally:
        await opened.close()


async def test_units_about_different_rows_share_messages_and_those_about_one_see_each_other(
    postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await open_lanes(postgres.get_uri(), World.system())
    messages: list[str] = []
    fetchmany = asyncpg.Connection.fetchmany

    async def noted(connection: Any, query: str, args: Any) -> Any:
        messages.append(query)
        return await fetchmany(connection, query, args)

    def one_more(key: str, session: Session) -> None:
        found = session.first(COUNTER, {"wanted": key})
        assert found is not None
        session.run(COUNT, {"wanted": key, "new_value": found["value"] + 1})

    try:
        keys = [f"key {number}" for number in range(8)]
        await asyncio.gather(*(opened.writer.run(lambda s, k=key: added(s, k, 0)) for key in keys))  # type: ignore[misc]
        monkeypatch.setattr(asyncpg.Connection, "fetchmany", noted)
        units = [(partial(one_more, key), key) for key in keys * 3]
        await asyncio.gather(*(opened.writer.run(unit, about=key) for unit, key in units))
        assert len(messages) == 2 * 3
        # those that do not say what they are about
        await asyncio.gather(*(opened.writer.run(unit) for unit, _ in units))
        rows = await opened.lookups.run(lambda session: session.all(COUNTED))
        assert {row["key"]: row["value"] for row in rows} == dict.fromkeys(keys, 6)
    finally:
        await opened.close()


async def test_a_row_that_another_replica_holds_stops_its_own_unit_alone(postgres: Any) -> None:
    opened = await open_lanes(postgres.get_uri(), World.system())
    other = create_async_engine(make_url(postgres.get_uri()).set(drivername="postgresql+asyncpg"))

    async def add(key: str) -> None:
        await opened.writer.run(lambda session: added(session, key, 0))

    try:
        await add("held")
        async with other.begin() as holding:
            await holding.execute(LOCK, {"wanted": "held"})
            held = {"wanted": "held"}
            waits = asyncio.create_task(opened.writer.run(lambda session: session.run(LOCK, held)))
            for key in ("together", "later"):
                await add(key)
            assert not waits.done()
        assert await waits == 1
        rows = await opened.lookups.run(lambda session: session.all(COUNTED))
        assert {row["key"]: row["value"] for row in rows} == {"held": 2, "later": 0, "together": 0}
    finally:
        await other.dispose()
        await opened.close()


async def test_a_url_may_turn_off_prepared_statements(postgres: Any) -> None:
    """As behind PgBouncer; the name is SQLAlchemy's, and no statement is left prepared."""
    url = make_url(postgres.get_uri()).update_query_dict({"prepared_statement_cache_size": "0"})
    opened = await open_lanes(url.render_as_string(hide_password=False), World.system())
    prepared = table("pg_prepared_statements", column("statement"))
    left = select(func.count().label("left")).where(prepared.c.statement.like("%counters%"))
    try:
        await opened.lookups.run(lambda session: session.all(COUNTED))
        assert await opened.lookups.run(lambda session: session.first(left)) == {"left": 0}
    finally:
        await opened.close()


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("bridge.db*")}


@pytest.fixture
def loose() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose")
@pytest.mark.parametrize("existing", [False, True])
async def test_the_database_is_the_owners_alone(tmp_path: Path, keys: KeyFolder, existing: bool) -> None:
    if existing:
        (tmp_path / "bridge.db").touch(0o666)
    stage = await set_up(tmp_path, keys)
    await waiting(stage)
    found = modes(tmp_path)
    await stage.close()
    assert {"bridge.db", "bridge.db-wal", "bridge.db-shm"} <= set(found)
    assert {mode for name, mode in found.items() if not name.endswith(".lock")} == {0o600}
