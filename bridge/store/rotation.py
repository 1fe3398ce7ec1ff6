"""Rotation of the encryption key: what is stored under an older key is sealed anew under the newest."""

from __future__ import annotations

import asyncio

import structlog

from bridge.store import statements
from bridge.store.lanes import Lane
from bridge.store.rows import SECRET
from bridge.store.sessions import Row
from bridge.store.vault import Vault, VaultClosed

PAGE = 50
"""Rows that are sealed anew at once: a few milliseconds of the event loop, and one commit in SQLite."""


class Rotation:
    """Works while more than one key is configured; says once when the older ones are no longer needed."""

    def __init__(self, writer: Lane, listings: Lane, vault: Vault) -> None:
        self._writer, self._listings, self._vault = writer, listings, vault
        self._log = structlog.get_logger("bridge")
        self._resealed, self._told = 0, False

    async def run(self) -> None:
        """Seal anew all that is under an older key. Rows that change meanwhile are looked at again."""
        if not self._vault.rotates:
            return
        while await self._pass():
            pass
        if not self._told:
            self._log.info("the old encryption key is no longer needed", resealed=self._resealed)
            self._told = True

    async def _pass(self) -> bool:
        """Every row once, a page at a time; whether some have to be looked at again."""
        again, after = False, ""
        while page := await self.under_older_keys(after, PAGE):
            after = page[-1]["id"]
            again |= not all(await asyncio.gather(*map(self._noted, page)))
        return again

    async def _noted(self, row: Row) -> bool:
        """False when the row was changed before it could be written."""
        try:
            written = await self.reseal(row)
        except VaultClosed as closed:
            self._log.warning("a stored secret cannot be opened", registration=row["id"], why=str(closed))
            return True
        self._resealed += written
        return written

    async def under_older_keys(self, after: str, limit: int) -> list[Row]:
        """A page of ids and sealed secrets, by id, of which some are not under the newest key."""
        asked = {"key": self._vault.newest, "after": after, "most": limit}
        return list(await self._listings.run(lambda session: session.all(statements.OLD_SEALS, asked)))

    async def reseal(self, row: Row) -> bool:
        """Put a row of `under_older_keys` under the newest key; False when it was changed since. VaultClosed
        when it cannot be opened.
        """
        old = {name: row[name] for name in SECRET if not self._vault.current(row[name])}
        new = {name: self._vault.reseal(sealed, f"{row['id']}/{name}") for name, sealed in old.items()}
        given = {"wanted": row["id"], **{f"was_{name}": sealed for name, sealed in old.items()}}
        change = statements.resealing(tuple(old))
        values = statements.new(new) | given
        return await self._writer.run(lambda session: session.run(change, values) > 0, about=row["id"])
