"""Units of work on PostgreSQL: a pool of asyncpg's connections, groups, and what asyncpg raises."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.errors import BridgeError
from bridge.starting import CannotStart
from bridge.store.holding import Hold
from bridge.store.lanes import (
    Conflict,
    Gathering,
    Job,
    Lanes,
    StoreClosed,
    StoreTrouble,
    Unit,
    deliver,
    trouble,
)
from bridge.store.schema import migrate
from bridge.store.side_by_side import DIALECT, side_by_side, waves_of
from wire.world import World

T = TypeVar("T")

_CONNECTIONS = 8
_PATIENCE = 30.0
"""Seconds that a unit waits for a free connection."""
_ENDED = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
"""After these nothing more comes on a connection, although it may not be closed yet."""
_NAMES = {"prepared_statement_cache_size": "statement_cache_size"}
"""What a URL may set (0 behind a pooler of transactions): SQLAlchemy's name and asyncpg's."""
_BEGIN_GROUP = "BEGIN; SET LOCAL lock_timeout = '250ms'"
_NO_TRANSACTION = ("", "")
_TRANSACTION = ("BEGIN", "COMMIT")
_ONE_MOMENT = ("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "COMMIT")
"""What a listing sees, however many statements it takes."""


class PoolLane:
    """Each unit on a connection of its own from the pool. One that lost a race runs again, and so does one
    whose connection was cut.
    """

    def __init__(self, pool: HeldPool, world: World, frame: tuple[str, str]) -> None:
        self._pool, self._clock, self._dead, self._frame = pool, world.clock, False, frame

    async def run(self, unit: Unit[T], about: str | None = None) -> T:
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
        done: T
        [[done]] = await once(self._pool, [[unit]], *self._frame)
        return done

    async def close(self) -> None:
        self._dead = True
        await self._pool.connections.close()

    async def kill(self) -> None:
        self._dead = True
        self._pool.connections.terminate()


class GroupPoolLane:
    """Units that wait together go over one connection, as one transaction with one commit for all. Those that
    only read (`writes` is false) all go side by side.

    When one of them cannot be done, or waits long for a row that another replica holds, nothing of the
    transaction was written, and each runs again alone, beside the next ones.
    """

    def __init__(self, pool: HeldPool, world: World, *, transaction: bool, writes: bool) -> None:
        self._alone = PoolLane(pool, world, _TRANSACTION if transaction else _NO_TRANSACTION)
        self._pool, self._clock = pool, world.clock
        self._frame = (_BEGIN_GROUP, "COMMIT") if transaction else _NO_TRANSACTION
        self._writes = writes
        self._gathering = Gathering(self._together, world.clock)
        self._singly: set[asyncio.Task[None]] = set()

    async def run(self, unit: Unit[T], about: str | None = None) -> T:
        with self._clock.work():
            return await self._gathering.add(unit, about)

    async def close(self) -> None:
        """Finish what waits, then stop."""
        await self._gathering.close()
        if self._singly:
            with self._clock.work():
                await asyncio.wait(self._singly)
        await self._alone.close()

    async def kill(self) -> None:
        self._gathering.drop()
        await self._alone.kill()

    async def _together(self, jobs: list[Job]) -> None:
        waves = waves_of(jobs) if self._writes else [jobs]
        try:
            results = await once(self._pool, [[job.unit for job in wave] for wave in waves], *self._frame)
        except Exception:  # noqa: BLE001 - whose error it is shows when each runs alone
            for job in jobs:
                task = asyncio.create_task(self._by_itself(job))
                self._singly.add(task)
                task.add_done_callback(self._singly.discard)
        else:
            for wave, done in zip(waves, results, strict=True):
                deliver({}, dict(zip(wave, done, strict=True)))

    async def _by_itself(self, job: Job) -> None:
        try:
            result = await self._alone.run(job.unit)
        except Exception as error:  # noqa: BLE001 - handed to whoever asked for the unit
            deliver({job: error}, {})
        else:
            deliver({}, {job: result})


@dataclass(frozen=True)
class HeldPool:
    """The connections, which are used while the lock is held."""

    connections: asyncpg.Pool
    hold: Hold

    async def held(self) -> None:
        try:
            await self.hold.take()
        except CannotStart as others:
            raise StoreTrouble(str(others)) from None
        except _ENDED as error:
            raise _Cut(str(error)) from error


async def once(pool: HeldPool, waves: Sequence[Sequence[Unit[Any]]], begin: str, end: str) -> list[list[Any]]:
    """What the units return, those of each wave side by side, between these statements, on a connection of
    the pool; rolled back when one raises.
    """
    if not pool.hold.stands:
        await pool.held()
    async with pool.connections.acquire(timeout=_PATIENCE) as connection:
        try:
            if begin:
                await connection.execute(begin)
            done = [await side_by_side(connection, units) for units in waves]
            if end:
                await connection.execute(end)
        except BaseException as error:
            if isinstance(error, Exception) and _is_cut(connection, error):
                raise _Cut(str(error)) from error
            if begin and not connection.is_closed():
                await connection.execute("ROLLBACK")
            raise
        return done


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


async def open_pool(url: URL, world: World, *, half_copy: bool, alone: bool) -> Lanes:
    """Migrate the database, and connect to it; `alone`: while nothing else works with it (holding.py)."""
    full = url.set(drivername="postgresql+asyncpg")
    _, options = DIALECT.create_connect_args(full)  # type: ignore[no-untyped-call]
    for theirs, asyncpgs in _NAMES.items():
        if theirs in options:
            options[asyncpgs] = options.pop(theirs)
    # a pooler of transactions may give each statement outside of one to another server
    pooler = str(options.get("statement_cache_size")) == "0"
    hold = Hold(options, url.render_as_string(), alone=alone, pooler=pooler)
    try:
        await hold.take()
        engine = create_async_engine(full)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(partial(migrate, half_copy=half_copy))
        finally:
            await engine.dispose()
        pool = asyncpg.create_pool(min_size=1, max_size=_CONNECTIONS, reset=_as_it_is, **options)
        made = HeldPool(await pool, hold)
    except BaseException:
        hold.close()
        raise
    return Lanes(
        GroupPoolLane(made, world, transaction=True, writes=True),
        GroupPoolLane(made, world, transaction=pooler, writes=False),
        PoolLane(made, world, _ONE_MOMENT),
        shared=True,
        hold=hold,
    )


async def _as_it_is(connection: Any) -> None:
    """A unit leaves nothing on its connection: what asyncpg does to clean one would cost a round trip."""
