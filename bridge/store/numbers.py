"""Counters: registration numbers, each given once for ever; and the row in which replicas keep a pace."""

from __future__ import annotations

from bridge.country.numbering import Series
from bridge.store import statements
from bridge.store.lanes import Lane
from bridge.store.sessions import Session


class Numbers:
    """The counted registration numbers and whose they are."""

    def __init__(self, writer: Lane) -> None:
        self._writer = writer

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


def counter(session: Session, key: str) -> int:
    """What the counter says; its row is this transaction's from now on."""
    held = session.first(statements.COUNTER, {"wanted": key})
    if held is not None:
        return int(held["value"])
    session.run(statements.BEGIN_COUNT, statements.new({"key": key, "value": 0}))
    return 0
