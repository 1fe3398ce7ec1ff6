"""Rows as values: columns in the database on one side, the domain on the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select

from bridge.registration import Registration, State, Task
from bridge.store.tables import REGISTRATIONS

_R = REGISTRATIONS.c
INSTANTS = {
    "received_at",
    "updated_at",
    "due_at",
    "lease_until",
    "first_failed_at",
    "token_expires_at",
    "submitted_at",
    "settled_at",
}
DROPPED = ("token", "packet", "national_id", "delivery", "document", "amendment")
"""What is forgotten when a registration is settled."""
SECRET = (*DROPPED, "verdicts")
PLAIN = tuple(c.name for c in REGISTRATIONS.columns if c.name not in (*SECRET, "lease_owner", "lease_until"))
_PLAIN_OF = itemgetter(*PLAIN)
_WRITTEN_INSTANTS = tuple(name for name in PLAIN if name in INSTANTS)
_KEPT = func.length(_R.delivery).label("kept")  # SQLite 3.40 answers IS NOT NULL wrongly in a RETURNING
SELECT = select(*(REGISTRATIONS.c[name] for name in PLAIN), _KEPT)


@dataclass(frozen=True)
class Line:
    """A line of a registration's history."""

    at: datetime
    state: State
    note: str


def to_ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def at_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def instant(ms: int | None) -> datetime | None:
    return None if ms is None else at_ms(ms)


def stored(name: str, value: Any) -> Any:
    return to_ms(value) if name in INSTANTS and value is not None else value


def registration_of(row: Mapping[str, Any]) -> Registration:
    registration = object.__new__(Registration)
    values = registration.__dict__  # a frozen dataclass's own way takes twice as long
    values.update(zip(PLAIN, _PLAIN_OF(row), strict=True))
    for name in _WRITTEN_INSTANTS:
        if (ms := values[name]) is not None:
            values[name] = at_ms(ms)
    values["state"] = State(values["state"])
    values["task"] = Task(values["task"]) if values["task"] else None
    values["kept"] = bool(row["kept"])
    return registration
