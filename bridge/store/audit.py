"""What operators did: who, when, what, to what, why. Lines are added; the database lets nobody change one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from bridge.store.lanes import Lane
from bridge.store.rows import at_ms, to_ms
from bridge.store.sessions import Row
from bridge.store.tables import AUDIT
from wire.world import Clock, timestamp

_A = AUDIT.c
_ADD = insert(AUDIT).values({c.name: bindparam(f"new_{c.name}") for c in AUDIT.columns if c.name != "number"})
_PAGE = select(AUDIT).where(_A.number > bindparam("after")).order_by(_A.number).limit(bindparam("most"))


@dataclass(frozen=True)
class OperatorAct:
    """`who`: the operator's name. `subject`: the bridge's own id of a registration, or what else it was done
    to. `came_to`: how it ended; a line without it was written before the act.
    """

    who: str
    act: str
    subject: str = ""
    why: str = ""
    came_to: str = ""


@dataclass(frozen=True)
class AuditLine:
    """An act with its number and instant."""

    number: int
    at: datetime
    done: OperatorAct

    @property
    def shown(self) -> dict[str, Any]:
        return {"number": self.number, "at": timestamp(self.at), **vars(self.done)}


class Audit:
    """The lines, kept for ever."""

    def __init__(self, writer: Lane, listings: Lane, clock: Clock) -> None:
        self._writer, self._listings, self._clock = writer, listings, clock

    async def add(self, done: OperatorAct) -> None:
        values = {"new_at": to_ms(self._clock.now())}
        values |= {f"new_{name}": value for name, value in vars(done).items()}
        await self._writer.run(lambda session: session.run(_ADD, values))

    async def lines(self, after: int, limit: int) -> list[AuditLine]:
        """Those after the line of this number, oldest first."""
        asked = {"after": after, "most": limit}
        rows = await self._listings.run(lambda session: session.all(_PAGE, asked))
        return [AuditLine(row["number"], at_ms(row["at"]), _done(row)) for row in rows]


def _done(row: Row) -> OperatorAct:
    return OperatorAct(**{name: row[name] for name in OperatorAct.__dataclass_fields__})
