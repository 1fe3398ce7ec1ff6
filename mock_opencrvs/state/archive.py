"""The state file: records, index rows, drafts and directory in SQLite, written before an answer is sent."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mock_opencrvs.events.core import Core
from mock_opencrvs.state.snapshots import Snapshot, beside_records, restore, whole
from wire.world import World

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, document TEXT, row TEXT
);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
"""
_PUT = (
    "INSERT INTO records (id, document, row) VALUES (?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET document = excluded.document, row = excluded.row"
)
_Row = tuple[str, str | None, str | None]


class ArchiveWrong(Exception):
    """The state file cannot be used; the text says why and what to do."""


class Archive:
    """One SQLite file. Reading and writing happen in threads, one at a time."""

    def __init__(self, path: Path, world: World) -> None:
        self.path = path
        self._world = world
        self._turn = asyncio.Lock()
        self._written: dict[str, str] = {}
        self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            text = f"{self.path} is no state file ({error}); choose another MOCK_OPENCRVS_STATE_FILE"
            raise ArchiveWrong(text) from error
        return database

    async def load(self, core: Core) -> int:
        """Put the file's state into `core`; the number of records. 0 for a new file."""
        snapshot = await self._world.offload(self._read)
        if snapshot is None:
            return 0
        try:
            restore(core, snapshot)
        except ValueError as error:
            raise ArchiveWrong(f"{self.path}: {error}") from error
        core.records.changed.clear()
        core.index.changed.clear()
        return len(core.records)

    async def save(self, core: Core) -> None:
        """Write what changed since the last time; several callers share one write."""
        async with self._turn:
            ids = core.records.changed | core.index.changed
            core.records.changed, core.index.changed = set(), set()
            rows = [self._row(core, event_id) for event_id in ids]
            meta = self._changed_meta(core)
            if rows or meta:
                await self._world.offload(self._write, rows, meta)

    def _row(self, core: Core, event_id: str) -> _Row:
        document = core.records.snapshot(event_id)
        indexed = core.index.get(event_id)
        if document is None:
            return event_id, None, None
        return event_id, json.dumps(document), None if indexed is None else json.dumps(indexed)

    def _changed_meta(self, core: Core) -> dict[str, str]:
        now = {name: json.dumps(value) for name, value in beside_records(core).items()}
        changed = {name: text for name, text in now.items() if self._written.get(name) != text}
        self._written = now
        return changed

    def _write(self, rows: Iterable[_Row], meta: dict[str, str]) -> None:
        self._database.execute("BEGIN")
        try:
            for row in rows:
                if row[1] is None:
                    self._database.execute("DELETE FROM records WHERE id = ?", row[:1])
                else:
                    self._database.execute(_PUT, row)
            self._database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _read(self) -> Snapshot | None:
        meta: dict[str, Any] = {
            name: json.loads(value) for name, value in self._database.execute("SELECT * FROM meta")
        }
        if not meta:
            return None
        rows = self._database.execute("SELECT document, row FROM records ORDER BY place").fetchall()
        indexed = [json.loads(row) for _, row in rows if row is not None]
        return whole(meta, [json.loads(document) for document, _ in rows], indexed)

    async def close(self) -> None:
        await self._world.offload(self._database.close)
