"""The schema is written twice, as tables and as migrations: both come to the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from structlog.testing import capture_logs

from bridge.starting import CannotStart
from bridge.store.database import open_lanes
from bridge.store.schema import HEAD, MIGRATIONS, OLDEST, migrate, upgrade
from bridge.store.tables import METADATA
from wire.world import World

T = TypeVar("T")

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


class Database:
    """An empty database of either kind."""

    def __init__(self, url: str, empty: Callable[[], None]) -> None:
        self.url, self.empty = url, empty

    async def use(self, work: Callable[[Connection], T]) -> T:
        """Do work in a transaction."""
        if self.url.startswith("sqlite"):
            engine = create_engine(self.url)
            with engine.begin() as connection:
                done = work(connection)
            engine.dispose()
            return done
        server = create_async_engine(self.url.replace("postgresql://", "postgresql+asyncpg://"))
        async with server.begin() as there:
            done = await there.run_sync(work)
        await server.dispose()
        return done


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        path = tmp_path / "bridge.db"
        yield Database(f"sqlite:///{path}", lambda: path.unlink(missing_ok=True))
        return
    postgres = request.getfixturevalue("postgres")

    def empty() -> None:
        postgres.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")

    empty()
    yield Database(postgres.get_uri(), empty)


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def at(revision: str) -> Callable[[Connection], None]:
    """Brings an empty database to a revision."""

    def up(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    return up


def indexes(connection: Connection) -> dict[str, str]:
    """Their definitions as the database keeps them, conditions too, which alembic does not compare."""
    rows = connection.execute(text(INDEXES[connection.dialect.name]))
    return {name: " ".join(words.split()) for name, words in rows if name != "alembic_version_pkc"}


def version_table(connection: Connection) -> tuple[list[Any], Any, list[Any]]:
    """Columns, primary key and rows of alembic's own table."""
    looked = inspect(connection)
    columns = [
        (one["name"], str(one["type"]), one["nullable"]) for one in looked.get_columns("alembic_version")
    ]
    key = looked.get_pk_constraint("alembic_version")
    rows = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return columns, key["constrained_columns"], list(rows)


async def test_a_migrated_database_is_what_the_tables_say(database: Database) -> None:
    await database.use(upgrade)
    assert await database.use(differences) == []
    migrated = await database.use(indexes)
    database.empty()
    await (await open_lanes(database.url, World.virtual())).close()
    assert await database.use(differences) == []
    assert migrated == await database.use(indexes)


async def test_a_database_that_was_made_whole_is_known_to_alembic(database: Database) -> None:
    await database.use(migrate)
    made = await database.use(version_table)
    database.empty()
    await database.use(upgrade)
    assert made == await database.use(version_table)
    await database.use(migrate)
    assert made == await database.use(version_table)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("found", [None, "0001"])
async def test_a_migration_that_is_cut_off_leaves_the_database_as_it_was(
    database: Database, found: str | None
) -> None:
    """Wherever it is cut: before its first statement that writes, its second, until it is whole."""

    def cut(after: int) -> Callable[[Connection], None]:
        def cut_off(connection: Connection) -> None:
            written = count()

            @event.listens_for(connection, "before_cursor_execute")
            def _(_: Any, __: Any, statement: str, *___: Any) -> None:
                if statement.split()[0] in ("CREATE", "ALTER", "INSERT") and next(written) == after:
                    raise InterruptedError

            migrate(connection)

        return cut_off

    def state(connection: Connection) -> tuple[str, dict[str, str]]:
        return str(differences(connection)), indexes(connection)

    if found is not None:
        await database.use(at(found))
    was = await database.use(state)
    for after in count():
        try:
            await database.use(cut(after))
            break
        except InterruptedError:
            assert await database.use(state) == was, after
    assert after > 5
    assert await database.use(differences) == []


async def test_the_comparison_sees_a_difference(database: Database) -> None:
    await database.use(migrate)
    await database.use(
        lambda connection: connection.execute(text("ALTER TABLE history ADD COLUMN more TEXT"))
    )
    assert "more" in str(await database.use(differences))


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_every_migration_says_whether_older_bridges_may_go_on() -> None:
    unsafe = [
        script.revision
        for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()
        if not script.module.beside_older
    ]
    assert max(unsafe) == OLDEST


async def test_a_bridge_works_with_a_newer_schema_that_is_safe_for_it(database: Database) -> None:
    await database.use(migrate)
    newer = f"UPDATE alembic_version SET version_num = '{int(HEAD) + 1:04}'"
    await database.use(lambda connection: connection.execute(text(newer)))
    await (await open_lanes(database.url, World.virtual())).close()
    unsafe = f"UPDATE counters SET value = {int(HEAD) + 1}"
    await database.use(lambda connection: connection.execute(text(unsafe)))
    with pytest.raises(CannotStart, match="a newer bridge has brought this database up to date"):
        await open_lanes(database.url, World.virtual())


async def test_a_migration_that_is_not_safe_beside_older_bridges_says_so(database: Database) -> None:
    await database.use(at("0004"))
    with capture_logs() as lines:
        await database.use(migrate)
    assert [line["event"] for line in lines] == [
        "the database is changed so that older bridges cannot work with it: stop those that still run"
    ]
