"""Opens a database: brings its schema up to date and hands out the lanes to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.lanes import GroupLane, Lane, LookupLane, PoolLane, ThreadLane, sqlite_connection
from bridge.schema import migrate
from wire.world import World


@dataclass(frozen=True)
class Lanes:
    """The ways to one database. `shared`: other processes may write to it."""

    writer: Lane
    lookups: Lane
    listings: Lane
    shared: bool

    async def close(self) -> None:
        for lane in self._each():
            await lane.close()

    async def kill(self) -> None:
        """Abandon at once, as a crash does."""
        for lane in self._each():
            await lane.kill()

    def _each(self) -> tuple[Lane, ...]:
        return tuple(dict.fromkeys((self.writer, self.lookups, self.listings)))


async def open_lanes(url: str, world: World) -> Lanes:
    """Migrate and open `sqlite:///FILE` or `postgresql://…`. Raises what the driver raises when it cannot."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_async_engine(parsed.set(drivername="postgresql+asyncpg"), pool_size=8)
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
        pool = PoolLane(engine, world)
        return Lanes(pool, pool, pool, shared=True)
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("the store needs a file: BRIDGE_DATABASE_URL=sqlite:///bridge.db")
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    await world.offload(_migrate_sqlite, path)
    return Lanes(
        GroupLane(sqlite_connection(path), world),
        LookupLane(sqlite_connection(path)),
        ThreadLane(sqlite_connection(path), world),
        shared=False,
    )


def _migrate_sqlite(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
