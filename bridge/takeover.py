"""Takes over what the mediator of OpenCRVS has in flight: its SQLite file holds, for each packet without an
answer, the record token and the registration number.

The table `transactions` is the mediator's own (opencrvs/mosip, packages/mosip-api, `src/database.ts`). The
file is only read. Running it again adds nothing twice.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import quote

from bridge.calls.kept_token import expiry
from bridge.country.packet_fields import process_of
from bridge.errors import BridgeError
from bridge.registration import PacketIdTaken, Registration, Secrets, State, Task
from bridge.starting import CannotStart
from bridge.store.store import Store
from wire.opencrvs import tokens
from wire.world import World

_PAGE, _NOTE = 200, "taken over from the mediator"
_KINDS = {"B": "birth", "D": "death"}
_LETTERED = re.compile(r"\d{4}([BD])([0-9A-Z]+)")
"""Numbers as country configs make them: year, letter of the event, tracking id."""
_TEXT = re.compile(r"[^\0\ud800-\udfff]{1,255}")
"""What a database keeps and finds again."""
_TOKEN = re.compile(r"[\w=-]+\.[\w=-]+\.[\w=-]+", re.ASCII)


@dataclass
class ImportReport:
    """`rows`: what the file holds; each of them is counted once in `states` or in `refused`.

    `states`: the state in the bridge; SUBMITTED are those that wait for MOSIP's answer. `new`: added
    now. `run_out`: of the new ones, those whose token has run out. `rows_refused`: (its id, why).
    """

    rows: int = 0
    new: int = 0
    run_out: int = 0
    states: Counter[str] = field(default_factory=Counter)
    rows_refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def refused(self) -> Counter[str]:
        """How many by reason."""
        return Counter(why for _, why in self.rows_refused)

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
    report, rows = ImportReport(), _rows(file)
    add = partial(_planned, store, {}) if dry else store.add
    for at in range(0, len(rows), _PAGE):
        await asyncio.gather(*(_one(row, add, world, report, kind) for row in rows[at : at + _PAGE]))
    return report


Add = Callable[[Registration, Secrets, str], Awaitable[tuple[Registration, bool]]]


async def _planned(
    store: Store, plan: dict[str, Registration], new: Registration, secrets: Secrets, note: str
) -> tuple[Registration, bool]:
    """What `store.add` would come to after those of the plan."""
    packet, action = f"packet {new.packet_id}", f"action {new.action_id} of {new.event_id}"
    known, taken = (
        await store.lookups.by_action(new.event_id, new.action_id),
        await store.lookups.by_packet(new.packet_id),
    )
    if (same := known or plan.get(action)) is not None:
        return same, False
    if taken is not None or packet in plan:
        raise PacketIdTaken
    plan[packet] = plan[action] = new
    return new, True


async def _one(row: sqlite3.Row, add: Add, world: World, report: ImportReport, kind: str | None) -> None:
    report.rows += 1
    try:
        new = _registration(row, world, kind)
        known, added = await add(new, Secrets(token=row["token"]), _NOTE)
        if known.packet_id != new.packet_id:
            raise RowRefused("the bridge has sent another packet for its action")
    except (RowRefused, PacketIdTaken) as refused:
        report.rows_refused.append((ascii(row["id"])[:80], str(refused)))
        return
    report.new += added
    report.states[known.state.value] += 1
    expires = known.token_expires_at
    report.run_out += added and expires is not None and expires <= world.clock.now()


def _registration(row: sqlite3.Row, world: World, kind: str | None) -> Registration:
    for column in ("id", "registration_number"):
        if not _is_text(row[column]):
            raise RowRefused(f"its {column} is no text of 1 to 255 characters")
    try:
        claims = tokens.peek(row["token"]) if _TOKEN.fullmatch(str(row["token"])) else {}
    except tokens.TokenRefused:
        claims = {}
    if not claims:
        raise RowRefused("the token cannot be read")
    event_id, action_id = claims.get("eventId"), claims.get("actionId")
    if not (_is_text(event_id) and _is_text(action_id)):
        raise RowRefused("the token names no event and action")
    lettered = _LETTERED.fullmatch(row["registration_number"])
    event_type = _KINDS[lettered[1]] if lettered else kind
    if event_type is None:
        raise RowRefused("the number does not tell birth from death: give --event-type")
    now = world.clock.now()
    sent = min(_instant(row["created_at"]) or now, now)
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
        received_at=sent,
        updated_at=now,
        submitted_at=now,  # it is waited for from now on: the mediator never asked
    )


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None


def _instant(text: Any) -> datetime | None:
    """SQLite's `datetime('now')`."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _rows(file: Path) -> list[sqlite3.Row]:
    """All of them, read before the first is added: what cannot be read to its end is not begun."""
    if not file.is_file():
        raise CannotStart(f"{file} is not there; give the mediator's SQLITE_DATABASE_PATH")
    connection = sqlite3.connect(f"file:{quote(os.fsencode(file))}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    # a text that is no UTF-8 is one row's fault
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    try:
        return connection.execute(
            "SELECT id, token, registration_number, created_at FROM transactions ORDER BY id"
        ).fetchall()
    except sqlite3.DatabaseError as error:
        raise CannotStart(
            f"{file} cannot be read as the mediator's database: {error}; give its SQLITE_DATABASE_PATH, with "
            "what lies beside that file, in a folder that may be written to, while the mediator is stopped"
        ) from None
    finally:
        connection.close()
