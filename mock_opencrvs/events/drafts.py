"""Drafts: what a user typed and did not send; one for each (record, user) (contract opencrvs §4.8)."""

from __future__ import annotations

from typing import Any

Draft = dict[str, Any]


class Drafts:
    """Drafts by record and user."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], Draft] = {}

    def of_user(self, user_id: str) -> list[Draft]:
        """The user's drafts, the latest last."""
        mine = [draft for (_, owner), draft in self._drafts.items() if owner == user_id]
        return sorted(mine, key=lambda draft: str(draft["createdAt"]))

    def of(self, event_id: str, user_id: str) -> Draft | None:
        return self._drafts.get((event_id, user_id))

    def put(self, user_id: str, draft: Draft) -> None:
        """Keep a draft in place of the user's earlier one of that record."""
        self._drafts[draft["eventId"], user_id] = draft

    def drop(self, event_id: str) -> None:
        """Forget all drafts of a record: it moved on, or was deleted."""
        for key in [key for key in self._drafts if key[0] == event_id]:
            del self._drafts[key]

    def clear(self) -> None:
        self._drafts.clear()

    def dump(self) -> list[tuple[str, Draft]]:
        return [(owner, draft) for (_, owner), draft in self._drafts.items()]
