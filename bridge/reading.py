"""What is read from the store: registrations, secrets, listings. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bridge import statements
from bridge.lanes import Lane
from bridge.registration import Registration, Secrets, State, Task
from bridge.rows import SELECT, Line, Subscription, at_ms, instant, registration_in, to_ms
from bridge.tables import HISTORY, REGISTRATIONS, SUBSCRIPTIONS
from bridge.vault import Vault, packet_from

_R = REGISTRATIONS.c


class Reading:
    """Reads over a lane of its own, so that writers do not wait for it."""

    def __init__(self, reader: Lane, vault: Vault) -> None:
        self._reader, self._vault = reader, vault

    async def get(self, id: str) -> Registration | None:
        return await self._one(statements.BY_ID, wanted=id)

    async def by_action(self, event_id: str, action_id: str) -> Registration | None:
        return await self._one(statements.BY_ACTION, event=event_id, action=action_id)

    async def by_packet(self, packet_id: str) -> Registration | None:
        return await self._one(statements.BY_PACKET, packet=packet_id)

    async def find(self, id: str) -> Registration | None:
        """By any of its ids; the newest when an event has several."""
        which = (_R.id == id) | (_R.packet_id == id) | (_R.action_id == id) | (_R.event_id == id)
        query = SELECT.where(which).order_by(_R.received_at.desc()).limit(1)
        row = await self._reader.run(lambda c: c.execute(query).first())
        return None if row is None else registration_in(row)

    async def of_event(self, event_id: str) -> list[Registration]:
        """All registrations of an event, oldest first."""
        query = SELECT.where(_R.event_id == event_id).order_by(_R.received_at)
        return await self._reader.run(lambda c: [registration_in(row) for row in c.execute(query)])

    async def secrets(self, id: str) -> Secrets:
        """The secrets of a registration; VaultClosed when they cannot be opened."""
        row = await self._reader.run(lambda c: c.execute(statements.SECRETS, {"wanted": id}).first())
        return Secrets() if row is None else self._opened(id, row._mapping)

    async def _one(self, query: Select[Any], **parameters: str) -> Registration | None:
        row = await self._reader.run(lambda c: c.execute(query, parameters).first())
        return None if row is None else registration_in(row)

    async def next_due(self, tasks: Collection[Task]) -> datetime | None:
        """When the next work of these kinds falls due, a lease that runs out included; None when there is
        none.
        """
        names = [task.value for task in tasks]

        def unit(connection: Connection) -> int | None:
            found = [connection.execute(statements.NEXT_DUE, {"task": name}).scalar() for name in names]
            found.append(connection.execute(statements.NEXT_LEASE_END, {"tasks": names}).scalar())
            return min((instant for instant in found if instant is not None), default=None)

        return instant(await self._reader.run(unit)) if names else None

    # -- listings -----------------------------------------------------------------------------------

    async def pending(
        self, *, states: Collection[State] | None = None, limit: int = 100, offset: int = 0
    ) -> list[Registration]:
        """What is not settled, oldest first."""
        query = SELECT.where(_R.settled_at.is_(None)).order_by(_R.received_at, _R.id)
        if states is not None:
            query = query.where(_R.state.in_([state.value for state in states]))
        query = query.limit(limit).offset(offset)
        return await self._reader.run(lambda c: [registration_in(row) for row in c.execute(query)])

    async def counts(self) -> dict[State, tuple[int, datetime | None]]:
        """Per unsettled state: how many, and when the oldest was received."""
        query = (
            select(_R.state, func.count(), func.min(_R.received_at))
            .where(_R.settled_at.is_(None))
            .group_by(_R.state)
        )
        rows = await self._reader.run(lambda c: c.execute(query).all())
        return {State(state): (count, instant(oldest)) for state, count, oldest in rows}

    async def expiring(self, before: datetime, limit: int = 1000) -> list[Registration]:
        """Unsettled registrations whose token runs out before an instant."""
        query = SELECT.where(_R.settled_at.is_(None), _R.token_expires_at <= to_ms(before)).limit(limit)
        return await self._reader.run(lambda c: [registration_in(row) for row in c.execute(query)])

    async def history(self, id: str) -> list[Line]:
        query = select(HISTORY).where(HISTORY.c.registration_id == id).order_by(HISTORY.c.number)
        rows = await self._reader.run(lambda c: c.execute(query).all())
        return [Line(at_ms(row.at), State(row.state), row.note) for row in rows]

    async def seen(self, delivery_id: str) -> str | None:
        """The outcome of a delivery that was taken before; None when it is new."""
        return await self._reader.run(
            lambda c: c.execute(statements.SEEN, {"delivery": delivery_id}).scalar()
        )

    async def subscription(self, topic: str) -> Subscription | None:
        query = select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.topic == topic)
        row = await self._reader.run(lambda c: c.execute(query).first())
        if row is None:
            return None
        values = dict(row._mapping)
        for name in ("pending_until", "confirmed_at"):
            values[name] = instant(values[name])
        return Subscription(**values)

    def _opened(self, id: str, row: Any) -> Secrets:
        packet = self._vault.open_text(row["packet"], f"{id}/packet")
        return Secrets(
            token=self._vault.open_text(row["token"], f"{id}/token"),
            packet=packet_from(packet) if packet else None,
            national_id=self._vault.open_text(row["national_id"], f"{id}/national_id"),
            delivery=self._vault.open(row["delivery"], f"{id}/delivery"),
        )
