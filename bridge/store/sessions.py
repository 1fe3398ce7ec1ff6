"""How a unit of work speaks to its database: SQLAlchemy writes the SQL, once.

The text is kept and given to the driver itself; on SQLite that costs a tenth of the time. PostgreSQL's
session is in `postgres`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.sql import Executable

Row = Mapping[Any, Any]
Parameters = Mapping[str, Any]
NONE: Parameters = {}
_SQLITE = sqlite_dialect(paramstyle="named")


class Session(Protocol):
    """One transaction (or, for a reader, one look) at the database. Rows are mappings by column name."""

    def first(self, statement: Executable, parameters: Parameters = NONE) -> Row | None:
        """The first row; None when there is none."""

    def all(self, statement: Executable, parameters: Parameters = NONE) -> Sequence[Row]:
        """Every row."""

    def run(self, statement: Executable, parameters: Parameters = NONE) -> int:
        """Change something; returns how many rows were touched."""

    def each(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """The same change for each of these."""

    def later(self, statement: Executable, parameters: Parameters) -> None:
        """Add a row that this unit does not read: at the latest when it has ended."""


class SqliteSession:
    """Over a connection of the sqlite3 module, which its lane holds and commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def _execute(self, statement: Executable, parameters: Parameters) -> sqlite3.Cursor:
        written = _written(statement)
        given = {**written.constants, **parameters} if written.constants else parameters
        return self.connection.execute(written.text, given)

    def first(self, statement: Executable, parameters: Parameters = NONE) -> Row | None:
        cursor = self._execute(statement, parameters)
        row = cursor.fetchone()
        return None if row is None else dict(zip(_names(cursor), row, strict=True))

    def all(self, statement: Executable, parameters: Parameters = NONE) -> Sequence[Row]:
        cursor = self._execute(statement, parameters)
        names = _names(cursor)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def run(self, statement: Executable, parameters: Parameters = NONE) -> int:
        return self._execute(statement, parameters).rowcount

    def each(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        for row in rows:
            self._execute(statement, row)

    def later(self, statement: Executable, parameters: Parameters) -> None:
        self._execute(statement, parameters)


@dataclass(frozen=True)
class _Written:
    """A statement as SQLite reads it; `constants` are the values that it holds itself."""

    text: str
    constants: dict[str, Any]


@lru_cache(maxsize=256)
def _written(statement: Any) -> _Written:
    compiled = statement.compile(dialect=_SQLITE, compile_kwargs={"render_postcompile": True})
    binds = compiled.binds
    own = {n: v for n, v in compiled.params.items() if n not in binds or not binds[n].required}
    return _Written(str(compiled), own)


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description]
