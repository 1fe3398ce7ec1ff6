"""Erases what is kept about one event, and looks whether anything is left; forgets what was settled long ago.

A counted number stays, without the person: none is given twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, delete, func, or_, select, update

from bridge.registration import FINAL, State
from bridge.store.lanes import Lane
from bridge.store.rows import to_ms
from bridge.store.sessions import Row, Session
from bridge.store.tables import AUDIT, DELIVERIES, HISTORY, METADATA, NUMBERS, REGISTRATIONS

_R = REGISTRATIONS.c


@dataclass(frozen=True)
class Erased:
    """`rows`: how many by table. `fields`: the columns of registrations that held something. `sha256`: of all
    erased rows as canonical JSON, sealed values as they were sealed. `unsettled`: ids that keep it from being
    erased; then nothing was. `ids`: the bridge's own of the registrations; `marks`: what others call them.
    """

    rows: dict[str, int]
    fields: Sequence[str] = ()
    sha256: str = ""
    unsettled: Sequence[str] = ()
    ids: Sequence[str] = ()
    marks: Sequence[str] = ()


class Erasure:
    """Over the bridge's whole store."""

    def __init__(self, writer: Lane, listings: Lane) -> None:
        self._writer, self._listings = writer, listings

    async def erase(self, event_id: str) -> tuple[Erased, dict[str, int]]:
        """Erase an event that is settled; beside what was erased, what is left of it by table and column."""
        erased = await self._writer.run(lambda session: _erase(session, event_id))
        if not erased.rows:
            return erased, {}
        return erased, await self._listings.run(lambda session: _left(session, erased))

    async def purge(self, settled_before: datetime, *, most: int) -> bool:
        """Forget up to `most` settled registrations with their history, and as many deliveries; False when
        there was nothing to forget.
        """
        limit = to_ms(settled_before)
        settled = select(_R.id).where(_R.settled_at <= limit, _R.task.is_(None))
        settled = settled.order_by(_R.settled_at, _R.id).limit(most)
        taken = select(DELIVERIES.c.id).where(DELIVERIES.c.received_at <= limit).limit(most)

        def unit(session: Session) -> bool:
            session.run(delete(HISTORY).where(HISTORY.c.registration_id.in_(settled)))
            forgotten = session.run(delete(REGISTRATIONS).where(_R.id.in_(settled)))
            return forgotten + session.run(delete(DELIVERIES).where(DELIVERIES.c.id.in_(taken))) > 0

        return await self._writer.run(unit)


def _erase(session: Session, event_id: str) -> Erased:
    """All that is kept about an event, when all of its registrations are settled."""
    found = session.all(select(REGISTRATIONS).where(_R.event_id == event_id).order_by(_R.id))
    unsettled = [row["id"] for row in found if State(row["state"]) not in FINAL or row["task"] is not None]
    if unsettled or not found:
        return Erased({}, unsettled=unsettled)
    ids = [row["id"] for row in found]
    of_history, of_deliveries = HISTORY.c.registration_id.in_(ids), DELIVERIES.c.registration_id.in_(ids)
    of_numbers = NUMBERS.c.event_id == event_id
    gone = {
        "registrations": found,
        "history": session.all(select(HISTORY).where(of_history).order_by(HISTORY.c.number)),
        "deliveries": session.all(select(DELIVERIES).where(of_deliveries).order_by(DELIVERIES.c.id)),
    }
    digest = _digest(gone)
    session.run(delete(HISTORY).where(of_history))
    session.run(delete(DELIVERIES).where(of_deliveries))
    session.run(delete(REGISTRATIONS).where(_R.id.in_(ids)))
    for row in session.all(select(NUMBERS).where(of_numbers)):
        one = (NUMBERS.c.event_id == event_id) & (NUMBERS.c.action_id == row["action_id"])
        nobody = hashlib.sha256(f"{digest} {row['action_id']}".encode()).hexdigest()
        session.run(update(NUMBERS).where(one).values(event_id="erased", action_id=nobody))
    fields = [name for name in _R.keys() if any(row[name] not in (None, "") for row in found)]  # noqa: SIM118
    names = ("event_id", "action_id", "packet_id", "tracking_id")
    marks = {str(row[name]) for row in found for name in names}

    return Erased(
        {table: len(rows) for table, rows in gone.items()},
        fields,
        digest,
        ids=ids,
        marks=sorted(marks - {""}),
    )


def _left(session: Session, erased: Erased) -> dict[str, int]:
    """In how many rows one of its ids still stands, by table and column. What operators did keeps the
    bridge's own, which lead nowhere any more.
    """
    counts: dict[str, int] = {}
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, Text):
                continue
            marks = erased.marks if table is AUDIT else (*erased.marks, *erased.ids)
            mentions = or_(*(column.contains(mark, autoescape=True) for mark in marks))
            row = session.first(select(func.count().label("count")).select_from(table).where(mentions))
            if row is not None and row["count"]:
                counts[f"{table.name}.{column.name}"] = row["count"]
    return counts


def _digest(gone: dict[str, Sequence[Row]]) -> str:
    plain = {table: [{k: _plain(v) for k, v in row.items()} for row in rows] for table, rows in gone.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
