"""How units of work reach the database: a thread with group commit for SQLite, a pool for PostgreSQL.

A unit is a function of a SQLAlchemy connection, without side effects elsewhere, so that it may run again.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from wire.world import World

T = TypeVar("T")
Unit = Callable[[Connection], T]


class StoreClosed(Exception):
    """The store was closed (or killed) before the work was done; nothing of it was written."""


class Lane(Protocol):
    """Runs units; a unit that returned is committed durably."""

    async def run(self, unit: Unit[T]) -> T: ...

    async def close(self) -> None: ...

    async def kill(self) -> None: ...


@dataclass
class _Job:
    unit: Unit[Any]
    future: asyncio.Future[Any]


class ThreadLane:
    """One connection on one thread. Units that arrive together are committed together.

    When one of a batch fails, the batch is rolled back and each unit runs again by itself, so that a failure
    stays with the unit that caused it.
    """

    def __init__(self, engine: Engine, world: World, *, batch: int = 128) -> None:
        self._engine, self._clock, self._batch = engine, world.clock, batch
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._dead = False
        self._thread = threading.Thread(target=self._serve, name="store", daemon=True)
        self._thread.start()

    async def run(self, unit: Unit[T]) -> T:
        if self._dead:
            raise StoreClosed
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(unit, future))
        with self._clock.work():
            return await future

    async def close(self) -> None:
        """Finish what is queued, then stop."""
        self._jobs.put(None)
        await self._joined()

    async def kill(self) -> None:
        """Stop as a crash would: what is not committed is lost."""
        self._dead = True
        self._jobs.put(None)
        await self._joined()

    async def _joined(self) -> None:
        with self._clock.work():
            await self._loop.run_in_executor(None, self._thread.join)
        self._dead = True
        while not self._jobs.empty():  # came too late
            late = self._jobs.get_nowait()
            if late is not None and not late.future.done():
                late.future.set_exception(StoreClosed())
                late.future.exception()  # nobody may be waiting any more

    def _serve(self) -> None:
        with self._engine.connect() as connection:
            while (jobs := self._next()) is not None:
                outcomes = self._together(connection, jobs)
                self._loop.call_soon_threadsafe(_deliver, jobs, outcomes)
        self._engine.dispose()

    def _next(self) -> list[_Job] | None:
        job = self._jobs.get()
        if job is None or self._dead:
            return None
        jobs = [job]
        while len(jobs) < self._batch:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            jobs.append(job)
        return jobs

    def _together(self, connection: Connection, jobs: list[_Job]) -> list[Any]:
        try:
            with connection.begin():
                return [job.unit(connection) for job in jobs]
        except Exception as error:  # noqa: BLE001 - handed to whoever asked for the unit
            if len(jobs) == 1:
                return [error]
        return [self._together(connection, [job])[0] for job in jobs]


def _deliver(jobs: list[_Job], outcomes: list[Any]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.future.done():
            continue
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)


class PoolLane:
    """Each unit is a transaction of its own on a pooled connection; a lost race on a unique key
    runs again.
    """

    def __init__(self, engine: AsyncEngine, world: World) -> None:
        self._engine, self._clock, self._dead = engine, world.clock, False

    async def run(self, unit: Unit[T]) -> T:
        if self._dead:
            raise StoreClosed
        # the database is another process: the virtual clock must wait for it
        with self._clock.work():
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(unit)
            except IntegrityError:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(unit)

    async def close(self) -> None:
        self._dead = True
        await self._engine.dispose()

    async def kill(self) -> None:
        await self.close()


def tune_sqlite(engine: Engine, *, begin: str) -> None:
    """WAL with a sync at every commit: what was answered survives a power loss (SQLite pragma documentation).

    `begin`: BEGIN for readers, BEGIN IMMEDIATE for the writer.
    """

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
