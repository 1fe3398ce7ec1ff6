"""Keeps a copy of a PostgreSQL database and all else that works with it apart, by an advisory lock.

Bridges and imports hold it together, a copy alone. It is a session's: the server takes it back when the
connection ends, however it ends, as the system does with a file's lock for SQLite (database.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg

from bridge.starting import CannotStart

_REFUSALS = {
    True: "bridges, an import or another copy work with {name}: what they write meanwhile could be missing in"
    " the copy; stop them all, then copy",
    False: "a `bridge copy` from or to {name} is going on: what is written meanwhile could be missing in it; "
    "wait for its end, then start this on the database that is to be worked with from now on",
}
_PATIENCE = {True: "1s", False: "3s"}
"""By whether alone. Who was killed a moment ago may not have been noticed yet; others have to wait behind a
copy that waits.
"""
_SECONDS = 30.0
"""How long a server that says nothing is waited for."""
_SESSION = (
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET "
)
"""The server notices within a minute that a machine is gone."""
_TRANSACTION = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL "
"""A pooler of transactions leaves a connection to one client for as long as a transaction lasts."""


class Hold:
    """A connection of its own, which has the lock of the database's current schema."""

    def __init__(self, options: Mapping[str, Any], name: str, *, alone: bool, pooler: bool) -> None:
        """`options`: asyncpg's, to connect with. `name`: what the database is called in errors."""
        self._options, self._refusal = options, _REFUSALS[alone].format(name=name)
        kind = ("_xact" if pooler else "") + "_lock" + ("" if alone else "_shared")
        self._take = (
            f"{_TRANSACTION if pooler else _SESSION} lock_timeout = '{_PATIENCE[alone]}'; "
            f"SELECT pg_advisory{kind}(7040202, hashtext(coalesce(current_schema(), '')))"
        )
        self._connection: asyncpg.Connection | None = None
        self._taking: asyncio.Task[None] | None = None

    @property
    def stands(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    async def take(self) -> None:
        """Take it, again when the connection was cut; who comes meanwhile waits for the same try. CannotStart
        when others are in the way.
        """
        if self._taking is None:
            self._taking = asyncio.create_task(self._connect())
        await asyncio.shield(self._taking)

    async def _connect(self) -> None:
        try:
            connection = await asyncpg.connect(**{"timeout": _SECONDS, **self._options})
            try:
                await connection.execute(self._take, timeout=_SECONDS)
            except BaseException as error:
                connection.terminate()
                if isinstance(error, asyncpg.LockNotAvailableError):
                    raise CannotStart(self._refusal) from None
                raise
            self._connection = connection
        finally:
            self._taking = None

    def close(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
        if self._connection is not None:
            self._connection.terminate()
