"""Drafts: what a user typed and did not send; one for each (record, user) (contract opencrvs §4.8)."""

from __future__ import annotations

from typing import Any

Draft = dict[str, Any]


class Drafts:
    """Drafts by record and user."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._calls: dict[str, tuple[str, str]] = {}

    def of_user(self, user_id: str) -> list[Draft]:
        return [draft for (_, owner), draft in self._drafts.items() if owner == user_id]

    def by_call(self, transaction_id: str) -> Draft | None:
        """The draft that this transaction id made, while it is there."""
        key = self._calls.get(transaction_id)
        draft = self._drafts.get(key) if key else None
        return draft if draft and draft["transactionId"] == transaction_id else None

    def put(self, user_id: str, draft: Draft) -> None:
        """Keep a draft in place of the user's earlier one of that record."""
        key = (draft["eventId"], user_id)
        self._drafts[key] = draft
        self._calls[draft["transactionId"]] = key

    def drop(self, event_id: str) -> None:
        """Forget all drafts of a record: it moved on, or was deleted."""
        for key in [key for key in self._drafts if key[0] == event_id]:
            del self._drafts[key]

    def clear(self) -> None:
        self._drafts.clear()
        self._calls.clear()

    def dump(self) -> list[tuple[str, Draft]]:
        return [(owner, draft) for (_, owner), draft in self._drafts.items()]
