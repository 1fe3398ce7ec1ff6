"""Units of work on PostgreSQL: a pool of asyncpg's connections, with the text that SQLAlchemy wrote once.

Units speak to the database as if it answered at once; a greenlet waits for it in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.sql import Executable
from sqlalchemy.util import await_only, greenlet_spawn

from bridge.errors import BridgeError
from bridge.store.lanes import Conflict, StoreClosed, Unit, trouble
from bridge.store.schema import migrate
from bridge.store.sessions import NONE, Parameters, Row
from wire.world import World

T = TypeVar("T")

_CONNECTIONS = 8
_PATIENCE = 30.0
"""Seconds that a unit waits for a free connection."""
_ENDED = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
"""After these nothing more comes on a connection, although it may not be closed yet."""
_NAMES = {"prepared_statement_cache_size": "statement_cache_size"}
"""What a URL may set (0 behind a pooler of transactions): SQLAlchemy's name and asyncpg's."""
_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]


class PostgresSession:
    """Over a connection of asyncpg, inside a transaction that its lane holds."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def first(self, statement: Executable, parameters: Parameters = NONE) -> Row | None:
        written = _written(statement)
        row = await_only(self._connection.fetchrow(written.text, *written.values(parameters)))
        return None if row is None else dict(row)

    def all(self, statement: Executable, parameters: Parameters = NONE) -> Sequence[Row]:
        written = _written(statement)
        rows = await_only(self._connection.fetch(written.text, *written.values(parameters)))
        return [dict(row) for row in rows]

    def run(self, statement: Executable, parameters: Parameters = NONE) -> int:
        written = _written(statement)
        status: str = await_only(self._connection.execute(written.text, *written.values(parameters)))
        return int(status.rpartition(" ")[2])  # "UPDATE 1", "INSERT 0 1"


@dataclass(frozen=True)
class _Written:
    """A statement as PostgreSQL reads it: the names of its $1, $2, …, and the values that it holds itself."""

    text: str
    names: tuple[str, ...]
    own: dict[str, Any]

    def values(self, parameters: Parameters) -> list[Any]:
        return [parameters[name] if name in parameters else self.own[name] for name in self.names]


@lru_cache(maxsize=256)
def _written(statement: Any) -> _Written:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return _Written(str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params))


class PoolLane:
    """Each unit is a transaction of its own on a pooled connection; one that lost a race runs again, and so
    does one whose connection was cut.
    """

    def __init__(self, pool: asyncpg.Pool, world: World) -> None:
        self._pool, self._clock, self._dead = pool, world.clock, False

    async def run(self, unit: Unit[T]) -> T:
        if self._dead:
            raise StoreClosed
        # the database is another process: the virtual clock must wait for it
        with self._clock.work(), _told():
            for _ in range(_CONNECTIONS):
                try:
                    return await self._once(unit)
                except _Cut:
                    continue  # who cut one has often cut all, and each is noticed when it is used
                except (asyncpg.IntegrityConstraintViolationError, asyncpg.DeadlockDetectedError):
                    break
            return await self._once(unit)

    async def _once(self, unit: Unit[T]) -> T:
        async with self._pool.acquire(timeout=_PATIENCE) as connection:
            try:
                async with connection.transaction():
                    return await greenlet_spawn(unit, PostgresSession(connection))
            except Exception as error:
                if not _is_cut(connection, error):
                    raise
                raise _Cut(str(error)) from error

    async def close(self) -> None:
        self._dead = True
        await self._pool.close()

    async def kill(self) -> None:
        self._dead = True
        self._pool.terminate()


class _Cut(BridgeError):
    """The connection was closed under the unit."""


def _is_cut(connection: Any, error: Exception) -> bool:
    """Whether it cannot be used any more; the pool then makes another in its place."""
    try:
        if isinstance(error, _ENDED):
            connection.terminate()
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # the pool has taken it back already
        return True


@contextmanager
def _told() -> Iterator[None]:
    """Turns what asyncpg raises into Conflict and StoreTrouble; what is our statement's own fault stays."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Conflict(str(error)) from error
    except (asyncpg.SyntaxOrAccessError, asyncpg.DataError):
        raise
    except (_Cut, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise trouble(error) from error


async def open_pool(url: URL, world: World) -> PoolLane:
    """Migrate the database, and connect to it."""
    full = url.set(drivername="postgresql+asyncpg")
    engine = create_async_engine(full)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()
    _, options = _DIALECT.create_connect_args(full)  # type: ignore[no-untyped-call]
    for theirs, asyncpgs in _NAMES.items():
        if theirs in options:
            options[asyncpgs] = options.pop(theirs)
    pool = asyncpg.create_pool(min_size=1, max_size=_CONNECTIONS, reset=_as_it_is, **options)
    return PoolLane(await pool, world)


async def _as_it_is(connection: Any) -> None:
    """A unit leaves nothing on its connection: what asyncpg does to clean one would cost a round trip."""
