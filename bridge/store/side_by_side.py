"""Units of work side by side on one connection of PostgreSQL: what several say in the same words goes in one
message.

A unit speaks to the database as if it answered at once; it is a greenlet, which waits until all of its wave
have spoken. SQLAlchemy writes the text of a statement, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap
from typing import Any

from greenlet import getcurrent, greenlet
from sqlalchemy import Integer, Select, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql import Executable

from bridge.store.lanes import Job, Unit
from bridge.store.sessions import NONE, Parameters, Row

DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]
_WHOSE = "whose"
"""The column that tells which of several units a row answers."""


def waves_of(jobs: Sequence[Job]) -> list[list[Job]]:
    """Which may go side by side, since none reads what another writes: those about different registrations.
    A unit that does not say what it is about goes alone.
    """
    alone = [[job] for job in jobs if job.about is None]
    together: list[list[Job]] = []
    waves_before: Counter[str] = Counter()
    for job in jobs:
        if job.about is not None:
            if waves_before[job.about] == len(together):
                together.append([])
            together[waves_before[job.about]].append(job)
            waves_before[job.about] += 1
    return together + alone


@dataclass(frozen=True)
class _Said:
    """A statement that a unit waits for, once for each of these parameters."""

    statement: Executable
    rows: Sequence[Parameters]


class PostgresSession:
    """What units that go side by side say; `side_by_side` runs them."""

    def __init__(self) -> None:
        self.later_on: dict[Executable, list[Parameters]] = {}

    def first(self, statement: Executable, parameters: Parameters = NONE) -> Row | None:
        return next(iter(self.all(statement, parameters)), None)

    def all(self, statement: Executable, parameters: Parameters = NONE) -> Sequence[Row]:
        return self._say(statement, [parameters])

    def run(self, statement: Executable, parameters: Parameters = NONE) -> int:
        return len(self._say(statement, [parameters]))

    def each(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        self._say(statement, rows)

    def later(self, statement: Executable, parameters: Parameters) -> None:
        self.later_on.setdefault(statement, []).append(parameters)

    def _say(self, statement: Executable, rows: Sequence[Parameters]) -> list[Row]:
        answer: list[Row] = getcurrent().parent.switch(_Said(statement, rows))
        return answer


async def side_by_side(connection: Any, units: Sequence[Unit[Any]]) -> list[Any]:
    """What each of the units returns. They all speak, then all are answered, and so on to their ends."""
    session, done = PostgresSession(), [None] * len(units)
    running = {number: greenlet(unit) for number, unit in enumerate(units)}
    answers: dict[int, Any] = dict.fromkeys(running, session)
    while running:
        said: dict[int, _Said] = {}
        for number, unit in list(running.items()):
            came = unit.switch(answers[number])
            if unit.dead:
                done[number] = came
                del running[number]
            else:
                said[number] = came
        answers = await _answered(connection, said)
    await _answered(connection, dict(enumerate(starmap(_Said, session.later_on.items()))))
    return done


async def _answered(connection: Any, said: Mapping[int, _Said]) -> dict[int, list[Row]]:
    """The rows that each is answered: touched, or found. One message a statement."""
    answers: dict[int, list[Row]] = {number: [] for number in said}
    alike: dict[Executable, list[tuple[int, Parameters]]] = {}
    for number, one in said.items():
        alike.setdefault(one.statement, []).extend((number, row) for row in one.rows)
    for statement, rows in alike.items():
        written = _written(statement)
        given = [written.values({**row, _WHOSE: number}) for number, row in rows]
        for found in await connection.fetchmany(written.text, given):
            row = dict(found)
            answers[row.pop(_WHOSE)].append(row)
    return answers


@dataclass(frozen=True)
class _Written:
    """A statement as PostgreSQL reads it: the names of its $1, $2, …, and the values that it holds itself."""

    text: str
    names: tuple[str, ...]
    own: dict[str, Any]

    def values(self, parameters: Parameters) -> list[Any]:
        return [parameters[name] if name in parameters else self.own[name] for name in self.names]


@lru_cache(maxsize=256)
def _written(statement: Any) -> _Written:
    """Each row that it finds, or touches, says whose it is."""
    # with a value: SQLAlchemy spells out the list of an IN only when nothing lacks one
    whose = bindparam(_WHOSE, 0, type_=Integer).label(_WHOSE)
    told = statement.add_columns(whose) if isinstance(statement, Select) else statement.returning(whose)
    compiled = told.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return _Written(str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params))
