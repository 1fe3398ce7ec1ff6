"""The search index: one row a record and postings by value, so that nothing scans (contract §4.9, §6.5).

It holds what was last indexed, which is not always what the record is (§9.7): writing to it is the flow's
business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_opencrvs.directory.people import UserDirectory

Row = dict[str, Any]
Key = tuple[str, Any]

_PLAIN = ("id", "type", "status", "trackingId", "createdBy", "updatedBy", "assignedTo", "createdByUserType")
_ROLES = ("updatedByUserRole", "createdByRole")


class Index:
    """Rows by id, and which ids hold which value."""

    def __init__(self, people: UserDirectory) -> None:
        self._people = people
        self._rows: dict[str, Row] = {}
        self._postings: dict[Key, set[str]] = {}
        self._keys: dict[str, list[Key]] = {}
        self.changed: set[str] = set()
        """Ids indexed since the last look: what a state file still has to take."""

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, event_id: str) -> Row:
        return self._rows[event_id]

    def get(self, event_id: str) -> Row | None:
        return self._rows.get(event_id)

    def rows(self, ids: Iterable[str]) -> Iterator[Row]:
        return (self._rows[event_id] for event_id in ids)

    def all_ids(self) -> Iterable[str]:
        return self._rows.keys()

    def put(self, row: Row) -> None:
        """Index a row in place of the record's earlier one."""
        self.remove(row["id"])
        self._rows[row["id"]] = row
        self.changed.add(row["id"])
        keys = list(dict.fromkeys(self._keys_of(row)))
        self._keys[row["id"]] = keys
        for key in keys:
            self._postings.setdefault(key, set()).add(row["id"])

    def remove(self, event_id: str) -> None:
        if self._rows.pop(event_id, None) is not None:
            self.changed.add(event_id)
        for key in self._keys.pop(event_id, ()):
            held = self._postings[key]
            held.discard(event_id)
            if not held:
                del self._postings[key]

    def clear(self) -> None:
        self.changed |= set(self._rows)
        self._rows.clear()
        self._postings.clear()
        self._keys.clear()

    def holding(self, key: Key) -> set[str]:
        """Ids of the rows that hold this value; do not change the set."""
        return self._postings.get(key, _NONE)

    def candidates(self, told: Mapping[str, Any]) -> set[str]:
        """Rows whose mother may be this one: her national id is equal, or a word of her name begins alike."""
        found = set(self.holding(("data.mother.nid", told.get("mother.nid"))))
        for start in _beginnings(told):
            found |= self.holding(("mother", start))
        return found

    def _keys_of(self, row: Row) -> Iterator[Key]:
        for name in (*_PLAIN, *_ROLES):
            if row.get(name) is not None:
                yield name, row[name]
        for flag in row["flags"]:
            yield "flag", flag
        for name in ("createdAtLocation", "updatedAtLocation"):
            for place in self._people.hierarchy(row.get(name)):
                yield f"{name}.within", place
            if row.get(name):
                yield name, row[name]
        for legal, values in row.get("legalStatuses", {}).items():
            if values.get("registrationNumber"):
                yield f"legalStatuses.{legal}.registrationNumber", values["registrationNumber"]
        for start in _beginnings(row["declaration"]):
            yield "mother", start
        for field, value in row["declaration"].items():
            if isinstance(value, str) and len(value) <= 64:
                yield f"data.{field}", value


_NONE: set[str] = set()


def _beginnings(told: Mapping[str, Any]) -> set[tuple[str, str]]:
    """First letters of first name and surname, so that look-alikes are sought among few."""
    name = told.get("mother.name")
    if not isinstance(name, dict):
        return set()
    first, last = str(name.get("firstname", "")).casefold(), str(name.get("surname", "")).casefold()
    return {("first", first[:3]), ("last", last[:3])} if first and last else set()
