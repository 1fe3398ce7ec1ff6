"""Opens a database: brings its schema up to date and hands out the lanes to it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import IO

from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bridge.starting import CannotStart, in_a_line
from bridge.store.lanes import GroupLane, Lanes, LookupLane, ThreadLane
from bridge.store.schema import migrate
from wire.world import World

_FORMS = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


async def open_lanes(
    url: str,
    world: World,
    given: str = "setting BRIDGE_DATABASE_URL",
    *,
    half_copy: bool = False,
    alone: bool = False,
) -> Lanes:
    """Migrate and open `sqlite:///FILE` or `postgresql://…`. CannotStart says why it cannot; `given`: where
    the URL stands; `half_copy`: it may be one (schema.py); `alone`: nothing may work with it meanwhile, which
    is always so on SQLite.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise CannotStart(f"{given}: this is no database's URL; give {_FORMS}") from None
    kind = parsed.get_backend_name()
    if kind not in ("postgresql", "sqlite"):
        raise CannotStart(f"{given}: {kind} is not a database for this; give {_FORMS}")
    if kind == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise CannotStart(f"{given}: the store needs a file; give {_FORMS}")
    try:
        if kind == "postgresql":
            # imported late: SQLAlchemy's asynchronous half is a seventh of the start
            from bridge.store.postgres import open_pool

            return await open_pool(parsed, world, half_copy=half_copy, alone=alone)
        return await _open_sqlite(parsed, world, half_copy)
    except CannotStart:
        raise
    except Exception as error:  # every driver has errors of its own; all mean the same here
        raise CannotStart(
            f"the database {parsed.render_as_string()} cannot be used: {type(error).__name__}: "
            f"{in_a_line(error)}; see whether it is there and {given.removeprefix('setting ')} is right"
        ) from error


async def _open_sqlite(url: URL, world: World, half_copy: bool) -> Lanes:
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    hold = _hold(path)
    try:
        _keep_private(path)
        await world.offload(_migrate_sqlite, path, half_copy)
        return Lanes(
            GroupLane(sqlite_connection(path), world),
            LookupLane(sqlite_connection(path)),
            ThreadLane(sqlite_connection(path), world),
            shared=False,
            hold=hold,
        )
    except BaseException:
        hold.close()
        raise


def _hold(path: Path) -> IO[str]:
    """Keep others off this file while it is open: each bridge takes all work in it for its own.

    The operating system lets go when the process ends, however it ends.
    """
    real = path.resolve()
    hold = real.with_name(f"{real.name}.lock").open("w")
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        hold.close()
        raise CannotStart(
            f"another bridge works with {path}, or an import or a copy does; stop it, or give this one a "
            "file of its own with BRIDGE_DATABASE_URL (several that share the work need PostgreSQL)"
        ) from error
    return hold


def _keep_private(path: Path) -> None:
    """Names, tokens and sealed secrets are the owner's alone; SQLite gives its log the database's mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for each in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal"))):
        if each.exists() and each.stat().st_uid == os.geteuid():
            each.chmod(0o600)


def _migrate_sqlite(path: Path, half_copy: bool) -> None:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        migrate(connection, half_copy=half_copy)
    engine.dispose()


def sqlite_connection(path: Path) -> sqlite3.Connection:
    """WAL with a sync at every commit: what was answered survives a power loss (SQLite's pragma pages).

    Transactions are begun and committed by whoever holds it; it may go from thread to thread.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=0", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
