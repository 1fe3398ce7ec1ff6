"""The schema is written twice, as tables and as migrations: both come to the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.store.database import open_lanes
from bridge.store.schema import HEAD, MIGRATIONS, migrate
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


def indexes(connection: Connection) -> dict[str, str]:
    """Their definitions as the database keeps them, conditions too, which alembic does not compare."""
    rows = connection.execute(text(INDEXES[connection.dialect.name]))
    return {name: " ".join(words.split()) for name, words in rows if name != "alembic_version_pkc"}


async def test_a_migrated_database_is_what_the_tables_say(database: Database) -> None:
    await (await open_lanes(database.url, World.virtual())).close()
    assert await database.use(differences) == []
    migrated = await database.use(indexes)
    database.empty()
    await database.use(METADATA.create_all)
    assert migrated == await database.use(indexes)


async def test_the_comparison_sees_a_difference(database: Database) -> None:
    await database.use(migrate)
    await database.use(
        lambda connection: connection.execute(text("ALTER TABLE history ADD COLUMN more TEXT"))
    )
    assert "more" in str(await database.use(differences))


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]
