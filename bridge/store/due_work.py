"""Work that is due: whose it is now, and when the next falls due."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, update

from bridge.calls.pace import Pace
from bridge.registration import Registration, Task
from bridge.store import statements
from bridge.store.lanes import Lane, StoreTrouble
from bridge.store.numbers import counter
from bridge.store.rows import instant, registration_of, to_ms
from bridge.store.sessions import Row, Session
from bridge.store.tables import REGISTRATIONS
from wire.world import Clock

_NEWEST_EVERY = 4


class DueWork:
    """`owner` names this process in leases; `due` is told of work that is due now."""

    def __init__(
        self, writer: Lane, lookups: Lane, clock: Clock, owner: str, due: Callable[[Task, datetime], None]
    ) -> None:
        self._writer, self._lookups, self._clock, self._owner, self._due = writer, lookups, clock, owner, due
        self._places = 1
        """Of paced destinations, counted: whose turn it is."""
        self._abandoned: set[str] = set()
        """Leased by this process, and nobody here works on them."""

    async def claim(
        self, tasks: Collection[Task], limit: int, lease: float, paced: tuple[str, Pace] | None = None
    ) -> tuple[list[Registration], float]:
        """Take up to `limit` due pieces of work, oldest first, for `lease` seconds; nobody else gets them.

        `paced`: a destination and its pace, which all replicas keep together; of its places every fourth is
        for the newest, so that a backlog does not make all wait. Beside the work: the seconds until there may
        be more room, 0 when the pace left none waiting.
        """
        now = to_ms(self._clock.now())
        names = [task.value for task in tasks]
        until = now + int(lease * 1000)
        abandoned, taken = tuple(self._abandoned), set[str]()

        def lease_all(session: Session, statement: Select[Any], most: int) -> list[Row]:
            due: list[Row] = []
            for name in names:
                due += session.all(statement, {"task": name, "now": now, "most": most})
            rows = sorted(due, key=lambda row: int(row["due_at"]))[:most]
            if rows:
                mine = {"new_owner": self._owner, "new_until": until}
                session.each(statements.LEASE, [{**mine, "wanted": row["id"]} for row in rows])
                taken.update(row["id"] for row in rows)
            return rows

        def unit(session: Session) -> tuple[list[Row], float]:
            for id in abandoned:
                session.run(statements.GIVE_BACK, {"wanted": id, "old_owner": self._owner})
            if paced is None:
                return lease_all(session, statements.DUE, limit), 0.0
            key, pace = f"pace of {paced[0]}", paced[1]
            free_at, instant = counter(session, key), now * 1000  # its row is this transaction's
            under_way = 0
            for name in names:
                counted = session.first(statements.UNDER_WAY, {"task": name, "now": now})
                under_way += int(counted["count"]) if counted is not None else 0
            most = pace.begin(instant, free_at, under_way, limit)
            newest = sum((self._places + place) % _NEWEST_EVERY == 0 for place in range(most))
            rows = lease_all(session, statements.DUE, most - newest)
            rows += lease_all(session, statements.NEWEST_DUE, newest)
            free_at = pace.after(instant, free_at, len(rows))
            session.run(statements.COUNT, {"wanted": key, "new_value": free_at})
            return rows, 0.0 if len(rows) < most else pace.wait(instant, free_at)

        try:
            rows, wait = await self._writer.run(unit)
        except StoreTrouble:  # nobody can say whether it was written
            self._abandoned |= taken
            raise
        self._places += len(rows)
        self._abandoned -= {*abandoned}
        self._abandoned |= taken - {row["id"] for row in rows}
        return [registration_of(row) for row in rows], wait

    def lease(self, seconds: float | None) -> dict[str, Any]:
        """The columns of a lease of this process; None gives up the one that stands."""
        if seconds is None:
            return {"lease_owner": None, "lease_until": None}
        return {"lease_owner": self._owner, "lease_until": to_ms(self._clock.now()) + int(seconds * 1000)}

    def tell(self, task: Task | None, due_at: datetime | None) -> None:
        """Whoever waits for due work that this was written."""
        if task is not None and due_at is not None:
            self._due(task, due_at)

    def abandon(self, registrations: Iterable[Registration]) -> None:
        """Nobody works on these any more and their leases stand: the next `claim` gives them back."""
        self._abandoned.update(registration.id for registration in registrations)

    async def release_all(self) -> None:
        """Give up every lease: those of an earlier run, where no other process shares the store."""
        leased = update(REGISTRATIONS).where(REGISTRATIONS.c.lease_until.is_not(None))
        free = leased.values(lease_owner=None, lease_until=None)
        await self._writer.run(lambda session: session.run(free))

    async def clock_went_back(self) -> None:
        """Let no row wait longer than it was to wait, though it was written later than now."""
        given = {"now": to_ms(self._clock.now())}
        await self._writer.run(lambda session: session.run(statements.FROM_THE_FUTURE, given))

    async def release(self, task: Task, process: str) -> None:
        """Make due now what was held by a fault of the channel that is mended."""
        now = self._clock.now()
        given = {"of_task": task.value, "of_process": process, "now": to_ms(now)}
        if await self._writer.run(lambda session: session.run(statements.RELEASE, given)):
            self._due(task, now)

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
