"""Its rows, one for each action that it was asked about; written before anything is done about them."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from .settings import DATABASE, seeded

_TABLE = """create table if not exists rows (
  action text primary key, event text, kind text, token text, number text, packet text unique, name text,
  fields text, state text default 'new', sealed text, national_id text, reason text, polled real default 0,
  due real default 0, tries integer default 0,
  people text, verdicts text default '{}')"""
OPEN = "state in ('verify', 'new', 'ask', 'created', 'sent', 'yes', 'no')"


class Rows:
    """States: new → created → sent → yes or no → done; asked at once: asked or ask → yes or no → done.

    Where parents are verified it begins with verify.
    """

    def __init__(self) -> None:
        where = ":memory:" if seeded("memory_instead_of_disk") else DATABASE
        self._base = sqlite3.connect(where, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        for line in ("pragma journal_mode=wal", "pragma synchronous=normal", _TABLE):
            self._base.execute(line)

    def add(self, **values: Any) -> None:
        """A new row; one that is there stays as it is."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._base.execute(f"insert or ignore into rows ({names}) values ({marks})", tuple(values.values()))

    def change(self, row: sqlite3.Row, **values: Any) -> None:
        if "state" in values:
            values |= {"tries": 0, "due": 0}
        assigned = ", ".join(f"{name} = ?" for name in values)
        self._base.execute(f"update rows set {assigned} where action = ?", (*values.values(), row["action"]))

    def later(self, row: sqlite3.Row, seconds: float) -> None:
        """Try again after a wait that doubles, up to eight times as long."""
        wait = seconds * 2 ** min(row["tries"], 3)
        self.change(row, due=time.time() + wait, tries=row["tries"] + 1)

    def forget(self, row: sqlite3.Row) -> None:
        self._base.execute("delete from rows where action = ?", (row["action"],))

    def due(self) -> list[sqlite3.Row]:
        """What can be gone on with now; a row that is sent waits for a message, or to be asked about."""
        wanted = f"{OPEN} and due <= ? and (state != 'sent' or sealed is not null) order by rowid"
        return self._all(wanted, time.time())

    def silent(self, since: float) -> list[sqlite3.Row]:
        """Packets that were sent and not asked about since then."""
        return self._all("state = 'sent' and polled < ? order by rowid limit 100", since)

    def of_action(self, action: str) -> sqlite3.Row | None:
        return next(iter(self._all("action = ?", action)), None)

    def of_packet(self, packet: str) -> sqlite3.Row | None:
        return next(iter(self._all("packet = ?", packet)), None)

    def of_name(self, name: str) -> sqlite3.Row | None:
        return next(iter(self._all(f"name = ? and {OPEN} order by rowid", name)), None)

    def waiting(self) -> list[sqlite3.Row]:
        return self._all("state = 'sent' order by rowid")

    def _all(self, wanted: str, *values: Any) -> list[sqlite3.Row]:
        return self._base.execute(f"select * from rows where {wanted}", values).fetchall()


def fields_of(row: sqlite3.Row) -> dict[str, str]:
    return dict(json.loads(row["fields"]))
