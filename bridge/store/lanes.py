"""How units of work reach the database, and what SQLite's lanes are: group commit, lookups, listings.

A unit is a function of a session, without side effects elsewhere, so that it may run again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bridge.errors import BridgeError
from bridge.store.sessions import Session, SqliteSession
from wire.world import Clock, World

T = TypeVar("T")
Unit = Callable[[Session], T]

_BATCH, _TURNS = 64, 2
_BEGIN = "BEGIN IMMEDIATE"
_PATIENCE_MS = 10_000
"""How long another program may hold SQLite's lock before a write fails."""


class StoreClosed(BridgeError):
    """The store was closed (or killed) before the work was done; nothing of it was written."""


class StoreTrouble(BridgeError):
    """The database could not do the work now: locked too long, full, read-only, its connections cut. Nothing
    of it was written, or nobody can say. The text names the driver's error.
    """


class Conflict(BridgeError):
    """A row with such a key is there; nothing was written."""


def trouble(error: Exception) -> StoreTrouble:
    """The driver's error in our words."""
    words = (str(error).splitlines() or [""])[0][:200]
    return StoreTrouble(f"{type(error).__name__}: {words}")


class _Told(AbstractContextManager[None]):
    """Turns what SQLite's driver raises into Conflict and StoreTrouble."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, sqlite3.IntegrityError):
            raise Conflict(str(error)) from error
        if isinstance(error, sqlite3.OperationalError | sqlite3.InterfaceError | OSError):
            raise trouble(error) from error


_TOLD = _Told()


class Lane(Protocol):
    """Runs units; a unit that returned is committed durably. `about`: the id of the one registration that the
    unit reads and changes, when there is no more to it.
    """

    async def run(self, unit: Unit[T], about: str | None = None) -> T: ...

    async def close(self) -> None: ...

    async def kill(self) -> None: ...


class Hold(Protocol):
    def close(self) -> None:
        """Let those in who were kept out."""


@dataclass(frozen=True)
class Lanes:
    """The ways to one database. `shared`: others may write to it; `hold` keeps out those that may not."""

    writer: Lane
    lookups: Lane
    listings: Lane
    shared: bool
    hold: Hold

    async def close(self) -> None:
        for lane in self._each():
            await lane.close()
        self.hold.close()

    async def kill(self) -> None:
        """Abandon at once, as a crash does."""
        for lane in self._each():
            await lane.kill()
        self.hold.close()

    def _each(self) -> tuple[Lane, ...]:
        return tuple(dict.fromkeys((self.writer, self.lookups, self.listings)))


@dataclass(frozen=True)
class Job:
    """A unit, who waits for what it returns, and which registration it is about."""

    unit: Unit[Any]
    future: asyncio.Future[Any]
    about: str | None


class Gathering:
    """Units that come while others are being committed wait, and then go together. `together` gets at most
    _BATCH of them, and sees to their futures; what it raises, all of them get.
    """

    def __init__(self, together: Callable[[list[Job]], Awaitable[None]], clock: Clock) -> None:
        self._together, self._clock = together, clock
        self._waiting: list[Job] = []
        self._serving: asyncio.Task[None] | None = None
        self._dead = False

    def add(self, unit: Unit[T], about: str | None) -> asyncio.Future[T]:
        if self._dead:
            raise StoreClosed
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(Job(unit, future, about))
        if self._serving is None:
            self._serving = loop.create_task(self._serve(), name="store")
        return future

    async def close(self) -> None:
        """Finish what waits, then stop."""
        self._dead = True
        if self._serving is not None:
            with self._clock.work():
                await asyncio.wait([self._serving])

    def drop(self) -> None:
        """Nothing of what waits is done."""
        self._dead = True
        waiting, self._waiting = self._waiting, []
        deliver({job: StoreClosed() for job in waiting}, {})

    async def _serve(self) -> None:
        try:
            while self._waiting:
                # a commit costs more than its units: let the next turns of the loop add theirs
                for _ in range(_TURNS):
                    await self._clock.sleep(0)
                jobs, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
                try:
                    await self._together(jobs)
                except Exception as error:  # noqa: BLE001 - handed to whoever asked
                    deliver(dict.fromkeys(jobs, error), {})
        finally:
            self._serving = None


class GroupLane:
    """Writes to SQLite. Units that wait together are committed together: one sync of the disk for all.

    The units run on the event loop, where they take microseconds; only the commit, which waits for the disk,
    goes to a thread. A unit that raises is left out and the others of its batch run again without it.
    """

    def __init__(self, connection: sqlite3.Connection, world: World) -> None:
        self._connection, self._session, self._clock = connection, SqliteSession(connection), world.clock
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._gathering = Gathering(self._together, world.clock)

    async def run(self, unit: Unit[T], about: str | None = None) -> T:
        with self._clock.work(), _TOLD:
            return await self._gathering.add(unit, about)

    async def close(self) -> None:
        """Finish what waits, then stop."""
        await self._gathering.close()
        self._disk.shutdown()
        self._connection.close()

    async def kill(self) -> None:
        """Stop as a crash would: what is not committed is lost."""
        self._gathering.drop()
        await self.close()

    async def _together(self, jobs: list[Job]) -> None:
        """One transaction for all that do not fail. Raises when the database fails as a whole."""
        errors: dict[Job, Exception] = {}
        while left := [job for job in jobs if job not in errors]:
            await self._begin()
            try:
                changes, results = self._connection.total_changes, {}
                for job in left:
                    try:
                        results[job] = job.unit(self._session)
                    except Exception as error:  # noqa: BLE001 - handed to whoever asked for the unit
                        errors[job] = error
                        self._connection.execute("ROLLBACK")
                        break
                else:
                    await self._commit(changed=self._connection.total_changes != changes)
                    deliver(errors, results)
                    return
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        deliver(errors, {})

    async def _begin(self) -> None:
        try:
            self._connection.execute(_BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            # another program (a backup, a shell) holds the lock: wait for it off the loop
            await self._on_disk(self._begin_patiently)

    def _begin_patiently(self) -> None:
        self._connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        try:
            self._connection.execute(_BEGIN)
        finally:
            self._connection.execute("PRAGMA busy_timeout=0")

    async def _commit(self, *, changed: bool) -> None:
        if changed:
            await self._on_disk(self._connection.execute, "COMMIT")
        else:
            self._connection.execute("COMMIT")

    async def _on_disk(self, work: Callable[..., Any], *args: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._disk, work, *args)


def deliver(errors: Mapping[Job, Exception], results: Mapping[Job, Any]) -> None:
    """Tell whoever waits; who does not any more is left out."""
    for job, error in errors.items():
        if not job.future.done():
            job.future.set_exception(error)
    for job, result in results.items():
        if not job.future.done():
            job.future.set_result(result)


class LookupLane:
    """Reads of single rows by key from SQLite, at once: they take microseconds and wait for no writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._session = connection, SqliteSession(connection)
        self._dead = False

    async def run(self, unit: Unit[T], about: str | None = None) -> T:
        if self._dead:
            raise StoreClosed
        with _TOLD:
            return unit(self._session)

    async def close(self) -> None:
        self._dead = True
        self._connection.close()

    kill = close


class ThreadLane:
    """Reads from SQLite that may take long (listings, counts), on a thread of their own. A unit sees one
    moment: a row that goes to another state meanwhile is found once.
    """

    def __init__(self, connection: sqlite3.Connection, world: World) -> None:
        self._connection, self._session, self._clock = connection, SqliteSession(connection), world.clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="listings")
        self._dead = False

    async def run(self, unit: Unit[T], about: str | None = None) -> T:
        if self._dead:
            raise StoreClosed
        with self._clock.work(), _TOLD:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, unit)

    def _look(self, unit: Unit[T]) -> T:
        self._connection.execute("BEGIN")
        try:
            return unit(self._session)
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    async def close(self) -> None:
        self._dead = True
        self._thread.shutdown()
        self._connection.close()

    kill = close
