"""The records: event documents and the constraints of the database that keeps them (contract §4.4, §4.5).

Synchronous and in memory, so that nothing comes between a check and its insert. Actions are never changed
once written; `snapshot` therefore shares them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wire.opencrvs.documents import Action, EventDocument
from wire.world import Chance

_NEEDS_REASON = frozenset({"REJECT", "REJECT_CORRECTION"})
_NEEDS_REQUEST = frozenset({"APPROVE_CORRECTION", "REJECT_CORRECTION"})


class ConstraintViolated(Exception):
    """The database refuses a row; the text is the database's own, which core shows outside production."""


class Records:
    """All event documents by id, with what is unique across them."""

    def __init__(self) -> None:
        self._documents: dict[str, EventDocument] = {}
        self._rows: set[tuple[str, str, str]] = set()
        self._created: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, str] = {}
        self._tracking: dict[str, str] = {}
        self.changed: set[str] = set()
        """Ids written since the last look: what a state file still has to take."""

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._documents

    def __iter__(self) -> Iterator[EventDocument]:
        return iter(tuple(self._documents.values()))

    def snapshot(self, event_id: str) -> EventDocument | None:
        """The document as it is now; later actions do not show in it."""
        document = self._documents.get(event_id)
        return None if document is None else _copied(document)

    def find(self, text: str) -> EventDocument | None:
        """A record by id, tracking id or registration number."""
        event_id = text if text in self._documents else self._tracking.get(text) or self._numbers.get(text)
        return None if event_id is None else self.snapshot(event_id)

    def created_by_call(self, transaction_id: str, event_type: str) -> EventDocument | None:
        """The record that an earlier `event.create` with this transaction id made."""
        event_id = self._created.get((transaction_id, event_type))
        return None if event_id is None else self.snapshot(event_id)

    def new_tracking_id(self, chance: Chance) -> str:
        """Six characters that no other record has."""
        while (drawn := chance.alphanumeric(6)) in self._tracking:
            pass
        return drawn

    def create(self, document: EventDocument, transaction_id: str) -> None:
        """Put a new record in, without actions yet."""
        self._documents[document["id"]] = {**document, "actions": []}
        self._created[transaction_id, document["type"]] = document["id"]
        self._tracking[document["trackingId"]] = document["id"]
        for action in document["actions"]:
            self.append(document["id"], action)
        self.changed.add(document["id"])

    def append(self, event_id: str, action: Action) -> bool:
        """Write one action. False: a row of that transaction, type and status exists somewhere, nothing done.

        Raises ConstraintViolated for a registration number that is taken and for a row without its content.
        """
        _check_row(action)
        key = (action["transactionId"], action["type"], action["status"])
        if key in self._rows:
            return False
        number = action.get("registrationNumber")
        if number is not None and number in self._numbers:
            raise ConstraintViolated(
                'duplicate key value violates unique constraint "event_actions_registration_number_key"'
            )
        self._rows.add(key)
        if number is not None:
            self._numbers[number] = event_id
        self._documents[event_id]["actions"].append(action)
        self.changed.add(event_id)
        return True

    def delete(self, event_id: str) -> None:
        """Take a record out (core: only while it is CREATED)."""
        document = self._documents.pop(event_id)
        self._tracking.pop(document["trackingId"], None)
        for action in document["actions"]:
            self._rows.discard((action["transactionId"], action["type"], action["status"]))
        self._created = {key: kept for key, kept in self._created.items() if kept != event_id}
        self.changed.add(event_id)

    def load(self, document: EventDocument) -> None:
        """Take a whole document as it is: from a state file, a snapshot or a bulk import."""
        event_id = document["id"]
        self._documents[event_id] = _copied(document)
        self._tracking[document["trackingId"]] = event_id
        for action in document["actions"]:
            self._rows.add((action["transactionId"], action["type"], action["status"]))
            if action["type"] == "CREATE":
                self._created[action["transactionId"], document["type"]] = event_id
            if (number := action.get("registrationNumber")) is not None:
                self._numbers[number] = event_id
        self.changed.add(event_id)

    def clear(self) -> None:
        self.changed |= set(self._documents)
        for held in (self._documents, self._created, self._numbers, self._tracking):
            held.clear()
        self._rows.clear()


def _copied(document: EventDocument) -> EventDocument:
    return {**document, "actions": list(document["actions"])}


def _check_row(action: Action) -> None:
    content: Any = action.get("content") or {}
    lacks_reason = action["type"] in _NEEDS_REASON and not content.get("reason")
    lacks_request = action["type"] in _NEEDS_REQUEST and not action.get("requestId")
    lacks_custom = action["type"] == "CUSTOM" and not action.get("customActionType")
    if lacks_reason or lacks_request or lacks_custom:
        raise ConstraintViolated(
            'new row for relation "event_actions" violates check constraint "event_actions_check"'
        )
