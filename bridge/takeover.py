"""Takes over what the mediator of OpenCRVS has in flight: its SQLite file holds, for each packet without an
answer, the record token and the registration number.

The table `transactions` is the mediator's own (opencrvs/mosip, packages/mosip-api, `src/database.ts`). The
file is only read. Running it again adds nothing twice.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bridge.country.packet_fields import process_of
from bridge.errors import BridgeError
from bridge.opencrvs.client import expiry
from bridge.registration import PacketIdTaken, Registration, Secrets, State, Task
from bridge.starting import CannotStart
from bridge.store.store import Store
from wire.opencrvs import tokens
from wire.world import World

_PAGE, _NOTE = 200, "taken over from the mediator"
_KINDS = {"B": "birth", "D": "death"}
_LETTERED = re.compile(r"\d{4}([BD])([0-9A-Z]+)")
"""Numbers as country configs make them: year, letter of the event, tracking id."""


@dataclass
class ImportReport:
    """`rows`: what the file holds; each of them is counted once in `states` or in `refused`.

    `states`: the state in the bridge; SUBMITTED are those that wait for MOSIP's answer. `new`: added
    now. `run_out`: of the new ones, those whose token has run out.
    """

    rows: int = 0
    new: int = 0
    run_out: int = 0
    states: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def shown(self) -> dict[str, Any]:
        counted = {"states": dict(self.states), "refused": dict(self.refused)}
        return {"rows": self.rows, "new": self.new, "token_run_out": self.run_out, **counted}


class RowRefused(BridgeError):
    """A row that cannot be taken over; the text says why."""


async def take_over(file: Path, store: Store, world: World, *, kind: str | None, dry: bool) -> ImportReport:
    """Add every row as a registration whose packet MOSIP has; `kind` (birth, death) where no number tells.

    `dry`: count, and write nothing. CannotStart when the file is not the mediator's.
    """
    report = ImportReport()
    for page in _pages(file):
        await asyncio.gather(*(_one(row, store, world, report, kind=kind, dry=dry) for row in page))
    return report


async def _one(
    row: sqlite3.Row, store: Store, world: World, report: ImportReport, *, kind: str | None, dry: bool
) -> None:
    report.rows += 1
    try:
        new = _registration(row, world, kind)
        known = await store.by_action(new.event_id, new.action_id)
        if known is None and not dry:
            try:
                known, added = await store.add(new, Secrets(token=row["token"]), _NOTE)
            except PacketIdTaken:
                raise RowRefused("another registration of the bridge has its packet") from None
            report.new += added
        elif known is None:
            if await store.by_packet(new.packet_id) is not None:
                raise RowRefused("another registration of the bridge has its packet")
            known, added = new, True
            report.new += 1
        else:
            added = False
    except RowRefused as refused:
        report.refused[str(refused)] += 1
        return
    if known.packet_id != new.packet_id:
        report.refused["the bridge has sent another packet for its action"] += 1
        return
    report.states[known.state.value] += 1
    expires = known.token_expires_at
    report.run_out += added and expires is not None and expires <= world.clock.now()


def _registration(row: sqlite3.Row, world: World, kind: str | None) -> Registration:
    try:
        claims = tokens.peek(row["token"])
    except tokens.TokenRefused:
        raise RowRefused("the token cannot be read") from None
    event_id, action_id = claims.get("eventId"), claims.get("actionId")
    if not (isinstance(event_id, str) and isinstance(action_id, str) and event_id and action_id):
        raise RowRefused("the token names no event and action")
    lettered = _LETTERED.fullmatch(row["registration_number"])
    event_type = _KINDS[lettered[1]] if lettered else kind
    if event_type is None:
        raise RowRefused("the number does not tell birth from death: give --event-type")
    now, sent = world.clock.now(), _instant(row["created_at"])
    return Registration(
        id=world.chance.uuid(),
        event_id=event_id,
        action_id=action_id,
        event_type=event_type,
        action_type="REGISTER",
        tracking_id=lettered[2] if lettered else "",
        number=row["registration_number"],
        packet_id=row["id"],
        process=process_of(event_type),
        state=State.SUBMITTED,
        task=Task.POLL,
        due_at=now,
        token_expires_at=expiry(row["token"]),
        received_at=sent or now,
        updated_at=now,
        submitted_at=sent or now,
    )


def _instant(text: str) -> datetime | None:
    """SQLite's `datetime('now')`."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _pages(file: Path) -> Iterator[list[sqlite3.Row]]:
    if not file.is_file():
        raise CannotStart(f"{file} is not there; give the mediator's SQLITE_DATABASE_PATH")
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        rows = connection.execute(
            "SELECT id, token, registration_number, created_at FROM transactions ORDER BY id"
        )
        while page := rows.fetchmany(_PAGE):
            yield page
    except sqlite3.DatabaseError as error:
        raise CannotStart(f"{file} is not the mediator's database: {error}") from None
    finally:
        connection.close()
