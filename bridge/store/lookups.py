"""Registrations as they are now, by every id they are known by; and their secrets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select

from bridge.registration import Registration, Secrets
from bridge.store import statements
from bridge.store.lanes import Lane
from bridge.store.rows import SECRET, registration_of
from bridge.store.sealing import Sealing


class Lookups:
    """Nothing here writes."""

    def __init__(self, lane: Lane, sealing: Sealing) -> None:
        self._lane, self._sealing = lane, sealing

    async def by_id(self, id: str) -> Registration | None:
        return await self._one(statements.BY_ID, wanted=id)

    async def by_action(self, event_id: str, action_id: str) -> Registration | None:
        return await self._one(statements.BY_ACTION, event=event_id, action=action_id)

    async def by_packet(self, packet_id: str) -> Registration | None:
        return await self._one(statements.BY_PACKET, packet=packet_id)

    async def find(self, id: str) -> Registration | None:
        """By its own id, its packet's, its action's or its event's (the newest of an event)."""
        found = await self.by_id(id) or await self.by_packet(id)
        found = found or await self._one(statements.BY_ACTION_ID, action=id)
        return found or next(reversed(await self.of_event(id)), None)

    async def of_event(self, event_id: str) -> list[Registration]:
        """All registrations of an event, oldest first."""
        rows = await self._lane.run(lambda session: session.all(statements.BY_EVENT, {"event": event_id}))
        return [registration_of(row) for row in rows]

    async def delivered_to(self, packet_id: str, delivery_id: str) -> tuple[Registration | None, str | None]:
        """The registration of a packet, and the outcome of the delivery when it was taken before."""
        asked = {"packet": packet_id, "delivery": delivery_id}
        row = await self._lane.run(lambda session: session.first(statements.DELIVERED_TO, asked))
        return (None, None) if row is None else (registration_of(row), row["outcome"])

    async def secrets(self, id: str, of: Collection[str] = SECRET) -> Secrets:
        """The secrets of a registration; `unreadable` says why they cannot be opened."""
        if not of:
            return Secrets()
        row = await self._lane.run(lambda session: session.first(statements.SECRETS, {"wanted": id}))
        return Secrets() if row is None else self._sealing.opened(id, row, of)

    async def _one(self, query: Select[Any], **parameters: str) -> Registration | None:
        row = await self._lane.run(lambda session: session.first(query, parameters))
        return None if row is None else registration_of(row)
