"""Deliveries of the ID system: each is noted once, so that its repetition is recognised."""

from __future__ import annotations

from typing import Any

from bridge.registration import Act, NotAllowed, State
from bridge.store import statements
from bridge.store.due_work import DueWork
from bridge.store.lanes import Lane
from bridge.store.rows import stored, to_ms
from bridge.store.sealing import Sealing
from bridge.store.sessions import Session
from wire.world import Clock


class Deliveries:
    """One row a delivery."""

    def __init__(self, writer: Lane, clock: Clock, sealing: Sealing, due_work: DueWork) -> None:
        self._writer, self._clock, self._sealing, self._due_work = writer, clock, sealing, due_work

    async def receive(
        self,
        delivery_id: str,
        topic: str,
        registration_id: str,
        outcome: str,
        *,
        expected: State | None = None,
        **changes: Any,
    ) -> bool:
        """Note a delivery that makes no transition (with columns to change); False when it is
        known already. NotAllowed (and nothing written) when the registration is in another state than
        `expected` by now, or keeps another delivery.
        """
        now = to_ms(self._clock.now())
        values = {name: stored(name, value) for name, value in changes.items()}
        if "delivery" in values:
            values["delivery"] = self._sealing.column(registration_id, "delivery", values["delivery"])

        def unit(session: Session) -> bool:
            if session.first(statements.SEEN, {"delivery": delivery_id}) is not None:
                return False
            if expected is not None:
                found = session.first(statements.LOCKED, {"wanted": registration_id})
                if (
                    found is None
                    or found["state"] != expected.value
                    or ("delivery" in values and found["kept"])
                ):
                    raise NotAllowed(State(found["state"]) if found is not None else expected, Act.ISSUE)
            deliver(session, delivery_id, topic, registration_id, now, outcome)
            if values:
                changed = values | {"updated_at": now}
                change = statements.changing(tuple(changed))
                session.run(change, statements.new(changed) | {"wanted": registration_id})
            return True

        new = await self._writer.run(unit, about=registration_id)
        if new:
            self._due_work.tell(changes.get("task"), changes.get("due_at"))
        return new


def deliver(session: Session, id: str, topic: str, registration: str, at: int, outcome: str) -> None:
    """Note a delivery in the transaction of what it led to."""
    row = {"id": id, "topic": topic, "registration_id": registration, "received_at": at, "outcome": outcome}
    session.later(statements.RECEIVE, statements.new(row))
