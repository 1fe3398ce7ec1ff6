"""What waits and what was done: listings and counts, over a lane of their own so that writers do not wait."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from bridge.registration import PENDING, UNTOLD, Registration, State
from bridge.store import backlog, statements
from bridge.store.backlog import Backlog
from bridge.store.lanes import Lane
from bridge.store.rows import SELECT, Line, at_ms, registration_of, to_ms
from bridge.store.sessions import Row, Session
from bridge.store.tables import HISTORY, REGISTRATIONS

_R = REGISTRATIONS.c


class Listings:
    """Nothing here writes."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

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

        return [registration_of(row) for row in await self._lane.run(unit)]

    async def untold(self, *, limit: int = 100, offset: int = 0) -> list[Registration]:
        """The rejected ones whose reason OpenCRVS does not show, newest first, while they are kept."""
        asked = {"state": State.REJECTED.value, "step": UNTOLD, "most": limit, "offset": offset}
        rows = await self._lane.run(lambda session: session.all(statements.UNTOLD, asked))
        return [registration_of(row) for row in rows]

    async def backlog(self, now: datetime, expiring_before: datetime) -> Backlog:
        """All that is not settled, in numbers."""
        at, before = to_ms(now), to_ms(expiring_before)
        return await self._lane.run(lambda session: backlog.count(session, at, before))

    async def expiring(
        self, before: datetime, *, after: Registration | None, limit: int
    ) -> list[Registration]:
        """A page of the unsettled registrations whose token runs out before an instant, the next first."""
        query = SELECT.where(_R.settled_at.is_(None), _R.token_expires_at <= to_ms(before))
        if after is not None and after.token_expires_at is not None:
            at = to_ms(after.token_expires_at)
            further = (_R.token_expires_at > at) | (_R.id > after.id)
            query = query.where(_R.token_expires_at >= at, further)
        page = query.order_by(_R.token_expires_at, _R.id).limit(limit)
        return [registration_of(row) for row in await self._lane.run(lambda session: session.all(page))]

    async def history(self, id: str) -> list[Line]:
        query = select(HISTORY).where(HISTORY.c.registration_id == id).order_by(HISTORY.c.number)
        rows = await self._lane.run(lambda session: session.all(query))
        return [Line(at_ms(row["at"]), State(row["state"]), row["note"]) for row in rows]

    async def held(self) -> dict[str, int]:
        """How many registrations a channel's fault holds, by its code."""
        rows = await self._lane.run(lambda session: session.all(backlog.HELD))
        return {str(row["held"]): int(row["count"]) for row in rows}
