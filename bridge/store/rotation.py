"""Rotation of the encryption key: what is stored under an older key is sealed anew under the newest."""

from __future__ import annotations

import asyncio

import structlog

from bridge.store.sessions import Row
from bridge.store.store import Store
from bridge.store.vault import VaultClosed

PAGE = 50
"""Rows that are sealed anew at once: a few milliseconds of the event loop, and one commit in SQLite."""


class Rotation:
    """Works while more than one key is configured; says once when the older ones are no longer needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._log = structlog.get_logger("bridge")
        self._resealed, self._told = 0, False

    async def run(self) -> None:
        """Seal anew all that is under an older key. Rows that change meanwhile are looked at again."""
        if not self._store.rotates:
            return
        while await self._pass():
            pass
        if not self._told:
            self._log.info("the old encryption key is no longer needed", resealed=self._resealed)
            self._told = True

    async def _pass(self) -> bool:
        """Every row once, a page at a time; whether some have to be looked at again."""
        again, after = False, ""
        while page := await self._store.under_older_keys(after, PAGE):
            after = page[-1]["id"]
            again |= not all(await asyncio.gather(*map(self._reseal, page)))
        return again

    async def _reseal(self, row: Row) -> bool:
        """False when the row was changed before it could be written."""
        try:
            written = await self._store.reseal(row)
        except VaultClosed as closed:
            self._log.warning("a stored secret cannot be opened", registration=row["id"], why=str(closed))
            return True
        self._resealed += written
        return written
