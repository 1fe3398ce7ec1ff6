"""What is read from the store: registrations, secrets, listings. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from bridge.registration import PENDING, UNTOLD, Amendment, Registration, Secrets, State, Task
from bridge.store import backlog, statements
from bridge.store.backlog import Backlog
from bridge.store.lanes import Lane
from bridge.store.rows import SECRET, SELECT, Line, Subscription, at_ms, instant, registration_of, to_ms
from bridge.store.sessions import Row, Session
from bridge.store.tables import HISTORY, REGISTRATIONS
from bridge.store.vault import Vault, VaultClosed, amendment_from, packet_from
from wire.redaction import hide, hide_private

_R = REGISTRATIONS.c


class Reading:
    """Reads over lanes of their own, so that writers do not wait: single rows by key, and listings."""

    def __init__(self, lookups: Lane, listings: Lane, vault: Vault) -> None:
        self._lookups, self._listings, self._vault = lookups, listings, vault

    async def get(self, id: str) -> Registration | None:
        return await self._one(statements.BY_ID, wanted=id)

    async def by_action(self, event_id: str, action_id: str) -> Registration | None:
        return await self._one(statements.BY_ACTION, event=event_id, action=action_id)

    async def by_packet(self, packet_id: str) -> Registration | None:
        return await self._one(statements.BY_PACKET, packet=packet_id)

    async def find(self, id: str) -> Registration | None:
        """By its own id, its packet's, its action's or its event's (the newest of an event)."""
        found = await self.get(id) or await self.by_packet(id)
        found = found or await self._one(statements.BY_ACTION_ID, action=id)
        return found or next(reversed(await self.of_event(id)), None)

    async def of_event(self, event_id: str) -> list[Registration]:
        """All registrations of an event, oldest first."""
        rows = await self._lookups.run(lambda session: session.all(statements.BY_EVENT, {"event": event_id}))
        return [registration_of(row) for row in rows]

    async def secrets(self, id: str, of: Collection[str] = SECRET) -> Secrets:
        """The secrets of a registration; `unreadable` says why they cannot be opened."""
        if not of:
            return Secrets()
        row = await self._lookups.run(lambda session: session.first(statements.SECRETS, {"wanted": id}))
        try:
            return Secrets() if row is None else self._opened(id, row, of)
        except VaultClosed as closed:
            return Secrets(unreadable=str(closed))

    async def _one(self, query: Select[Any], **parameters: str) -> Registration | None:
        row = await self._lookups.run(lambda session: session.first(query, parameters))
        return None if row is None else registration_of(row)

    async def _many(self, query: Select[Any]) -> list[Registration]:
        return [registration_of(row) for row in await self._listings.run(lambda session: session.all(query))]

    async def next_due(self, tasks: Collection[Task]) -> datetime | None:
        """When the next work of these kinds falls due, a lease that runs out included; None when there is
        none.
        """
        names = [task.value for task in tasks]

        def unit(session: Session) -> int | None:
            found = [
                row[column]
                for name in names
                for statement, column in ((statements.NEXT_DUE, "due_at"), (statements.NEXT_LEASE_END, "end"))
                if (row := session.first(statement, {"task": name})) is not None
            ]
            return min((instant for instant in found if instant is not None), default=None)

        return instant(await self._lookups.run(unit)) if names else None

    # -- listings -----------------------------------------------------------------------------------

    async def pending(
        self, *, states: Collection[State] | None = None, limit: int = 100, offset: int = 0
    ) -> list[Registration]:
        """What is not settled, oldest first."""
        most = limit + offset

        def unit(session: Session) -> list[Row]:
            # state by state: the index gives each in order, so that no backlog is sorted
            found: list[Row] = []
            for state in PENDING if states is None else states:
                found += session.all(statements.UNSETTLED, {"state": state.value, "most": most})
            return sorted(found, key=lambda row: (row["received_at"], row["id"]))[offset:most]

        return [registration_of(row) for row in await self._listings.run(unit)]

    async def untold(self, *, limit: int = 100, offset: int = 0) -> list[Registration]:
        """The rejected ones whose reason OpenCRVS does not show, newest first, while they are kept."""
        asked = {"state": State.REJECTED.value, "step": UNTOLD, "most": limit, "offset": offset}
        rows = await self._listings.run(lambda session: session.all(statements.UNTOLD, asked))
        return [registration_of(row) for row in rows]

    async def backlog(self, now: datetime, expiring_before: datetime) -> Backlog:
        """All that is not settled, in numbers."""
        at, before = to_ms(now), to_ms(expiring_before)
        return await self._listings.run(lambda session: backlog.count(session, at, before))

    async def expiring(
        self, before: datetime, *, after: Registration | None, limit: int
    ) -> list[Registration]:
        """A page of the unsettled registrations whose token runs out before an instant, the next first."""
        query = SELECT.where(_R.settled_at.is_(None), _R.token_expires_at <= to_ms(before))
        if after is not None and after.token_expires_at is not None:
            at = to_ms(after.token_expires_at)
            further = (_R.token_expires_at > at) | (_R.id > after.id)
            query = query.where(_R.token_expires_at >= at, further)
        return await self._many(query.order_by(_R.token_expires_at, _R.id).limit(limit))

    async def under_older_keys(self, after: str, limit: int) -> list[Row]:
        """A page of ids and sealed secrets, by id, of which some are not under the newest key."""
        asked = {"key": self._vault.newest, "after": after, "most": limit}
        return list(await self._listings.run(lambda session: session.all(statements.OLD_SEALS, asked)))

    @property
    def rotates(self) -> bool:
        """Whether older keys are configured beside the newest."""
        return self._vault.rotates

    async def history(self, id: str) -> list[Line]:
        query = select(HISTORY).where(HISTORY.c.registration_id == id).order_by(HISTORY.c.number)
        rows = await self._listings.run(lambda session: session.all(query))
        return [Line(at_ms(row["at"]), State(row["state"]), row["note"]) for row in rows]

    async def held(self) -> dict[str, int]:
        """How many registrations a channel's fault holds, by its code."""
        rows = await self._listings.run(lambda session: session.all(backlog.HELD))
        return {str(row["held"]): int(row["count"]) for row in rows}

    async def seen(self, delivery_id: str) -> str | None:
        """The outcome of a delivery that was taken before; None when it is new."""
        row = await self._lookups.run(
            lambda session: session.first(statements.SEEN, {"delivery": delivery_id})
        )
        return None if row is None else str(row["outcome"])

    async def subscription(self, topic: str) -> Subscription | None:
        row = await self._lookups.run(lambda session: session.first(statements.SUBSCRIBED, {"wanted": topic}))
        if row is None:
            return None
        values = dict(row)
        for name in ("pending_until", "confirmed_at"):
            values[name] = instant(values[name])
        return Subscription(**values)

    def _opened(self, id: str, row: Row, names: Collection[str]) -> Secrets:
        opened = {name: self._vault.open(row[name], f"{id}/{name}") for name in names}
        token, packet, national_id = (opened.get(name) for name in ("token", "packet", "national_id"))
        amendment, verdicts = opened.get("amendment"), opened.get("verdicts")
        hide(*(value.decode() for value in (token, national_id) if value))
        sent = packet_from(packet.decode()) if packet else None
        if sent is not None:
            hide_private(dict(sent.fields))
        return Secrets(
            token=token.decode() if token else None,
            packet=sent,
            national_id=national_id.decode() if national_id else None,
            delivery=opened.get("delivery"),
            document=opened.get("document"),
            amendment=amendment_from(amendment.decode()) if amendment else Amendment(),
            verdicts=json.loads(verdicts) if verdicts else {},
        )
