"""What is written beside the registrations' way: numbers, subscriptions; what is forgotten, sealed anew,
tried.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from bridge.country.numbering import Series
from bridge.store import statements
from bridge.store.database import Lanes
from bridge.store.reading import Reading
from bridge.store.rows import SECRET, Subscription, to_ms
from bridge.store.sessions import Row, Session
from bridge.store.tables import DELIVERIES, HISTORY, REGISTRATIONS
from bridge.store.vault import Vault
from wire.world import World

_R = REGISTRATIONS.c


class Upkeep(Reading):
    """`owner` names this process, in leases too."""

    def __init__(self, lanes: Lanes, world: World, vault: Vault) -> None:
        super().__init__(lanes.lookups, lanes.listings, vault)
        self._lanes, self._writer, self._clock = lanes, lanes.writer, world.clock
        self.owner = world.chance.uuid()

    async def close(self) -> None:
        await self._lanes.close()

    async def kill(self) -> None:
        """Abandon at once, as a crash does."""
        await self._lanes.kill()

    async def count(self, event_id: str, action_id: str, series: Series) -> str:
        """The next number of the series, or the one that this (event, action) has been given already.

        The counter's row is held till the commit, so that replicas count one after the other. Where two begin
        it together, the second violates its key, and its lane runs the unit again.
        """
        same = {"event": event_id, "action": action_id}

        def unit(session: Session) -> str:
            count = counter(session, series.key)
            # looked for under the lock: another replica may have given it while we waited
            if (found := session.first(statements.NUMBER_OF, same)) is not None:
                return str(found["number"])
            count += 1
            # after a change of the template another series may have given this number
            while session.first(statements.NUMBER_GIVEN, {"wanted": series.number(count)}) is not None:
                count += 1
            number = series.number(count)
            session.run(statements.COUNT, {"wanted": series.key, "new_value": count})
            row = {"event_id": event_id, "action_id": action_id, "number": number}
            session.run(statements.GIVE_NUMBER, statements.new(row))
            return number

        return await self._writer.run(unit)

    async def purge(self, settled_before: datetime, *, most: int) -> bool:
        """Forget up to `most` settled registrations with their history, and as many deliveries; False when
        there was nothing to forget.
        """
        limit = to_ms(settled_before)
        settled = select(_R.id).where(_R.settled_at <= limit, _R.task.is_(None))
        settled = settled.order_by(_R.settled_at, _R.id).limit(most)
        taken = select(DELIVERIES.c.id).where(DELIVERIES.c.received_at <= limit).limit(most)

        def unit(session: Session) -> bool:
            session.run(delete(HISTORY).where(HISTORY.c.registration_id.in_(settled)))
            forgotten = session.run(delete(REGISTRATIONS).where(_R.id.in_(settled)))
            return forgotten + session.run(delete(DELIVERIES).where(DELIVERIES.c.id.in_(taken))) > 0

        return await self._writer.run(unit)

    async def subscribe(self, subscription: Subscription) -> None:
        """Write what we know of a subscription."""
        values = {
            f"new_{name}": to_ms(value) if isinstance(value, datetime) else value
            for name, value in vars(subscription).items()
        }

        def unit(session: Session) -> None:
            session.run(statements.FORGET, {"wanted": subscription.topic})
            session.run(statements.SUBSCRIBE, values)

        await self._writer.run(unit)

    async def ready(self) -> None:
        """Write a row and take it away again, durably; raises when the database takes no writes."""
        probe, now = f"probe of {self.owner}", to_ms(self._clock.now())

        def unit(session: Session) -> None:
            row = {"id": probe, "topic": "", "registration_id": "", "received_at": now, "outcome": ""}
            session.run(statements.RECEIVE, statements.new(row))
            session.run(delete(DELIVERIES).where(DELIVERIES.c.id == probe))

        await self._writer.run(unit)

    async def reseal(self, row: Row) -> bool:
        """Put a row of `under_older_keys` under the newest key; False when it was changed since. VaultClosed
        when it cannot be opened.
        """
        old = {name: row[name] for name in SECRET if not self._vault.current(row[name])}
        new = {name: self._vault.reseal(sealed, f"{row['id']}/{name}") for name, sealed in old.items()}
        given = {"wanted": row["id"], **{f"was_{name}": sealed for name, sealed in old.items()}}
        change = statements.resealing(tuple(old))
        return await self._writer.run(lambda session: session.run(change, statements.new(new) | given) > 0)


def counter(session: Session, key: str) -> int:
    """What the counter says; its row is this transaction's from now on."""
    held = session.first(statements.COUNTER, {"wanted": key})
    if held is not None:
        return int(held["value"])
    session.run(statements.BEGIN_COUNT, statements.new({"key": key, "value": 0}))
    return 0
