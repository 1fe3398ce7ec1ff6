"""Copies one store into another, row by row as they are: secrets stay sealed under the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Executable, Table, delete, func, insert, select, tuple_

from bridge.starting import CannotStart
from bridge.store.lanes import Lanes
from bridge.store.schema import HALF_COPY
from bridge.store.sessions import Row, Session
from bridge.store.tables import AUDIT, COUNTERS, HISTORY, METADATA, REGISTRATIONS

_PAGE = 500
_RESTART_COUNTS = [
    select(
        func.setval(func.pg_get_serial_sequence(table.name, "number"), first_free.scalar_subquery(), False)
    )
    for table in (HISTORY, AUDIT)
    for first_free in [select(func.coalesce(func.max(table.c.number), 0) + 1)]
]
_MARK = insert(COUNTERS).values(key=HALF_COPY, value=0)
_UNMARK = delete(COUNTERS).where(COUNTERS.c.key == HALF_COPY)


@dataclass
class Copied:
    """By table: (rows of the source, of these in the target afterwards, of these written now).

    `states`: registrations by state, of the source and of the target.
    """

    tables: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    states: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return all(total == there for total, there, _ in self.tables.values())

    @property
    def shown(self) -> dict[str, Any]:
        names = ("rows", "there", "written")
        tables = {table: dict(zip(names, counts, strict=True)) for table, counts in self.tables.items()}
        states = {name: {"source": here, "target": there} for name, (here, there) in self.states.items()}
        return {"tables": tables, "states": states, "whole": self.whole}


class OtherRows(CannotStart):
    """The target holds what the source has not."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            f"the {table.name} of the target are others than those of the source, or what they were before; "
            "nothing was copied: give a database of its own, which nothing has written to since"
        )


async def copy(source: Lanes, target: Lanes, *, dry: bool) -> Copied:
    """Write what the target lacks, so that it may be run again; until all is there no bridge starts on it.
    `dry`: count. CannotStart when the source holds nothing, or the target something else.
    """
    copied = Copied()
    for table in METADATA.sorted_tables:
        copied.tables[table.name] = counts = await _table(table, source, target, dry=True)
        rows = select(func.count().label("rows")).select_from(table)
        if table is COUNTERS:
            rows = rows.where(COUNTERS.c.key != HALF_COPY)
        held = await target.listings.run(partial(_all, rows))
        # a line about a copy that was whole comes after those of the source
        if held[0]["rows"] > counts[1] and table is not AUDIT:
            raise OtherRows(table)
    if not (copied.tables[REGISTRATIONS.name][0] or copied.tables[AUDIT.name][0]):
        raise CannotStart("the source holds nothing; see whether BRIDGE_DATABASE_URL is right")
    if not dry:
        await _write(source, target, copied)
    here, there = [await lanes.listings.run(_by_state) for lanes in (source, target)]
    copied.states = {name: (here.get(name, 0), there.get(name, 0)) for name in sorted({*here, *there})}
    return copied


async def _write(source: Lanes, target: Lanes, copied: Copied) -> None:
    def mark(session: Session) -> None:
        session.run(_UNMARK)
        session.run(_MARK)

    await target.writer.run(mark)
    for table in METADATA.sorted_tables:
        copied.tables[table.name] = await _table(table, source, target, dry=False)
    for restart in _RESTART_COUNTS if target.shared else ():
        await target.writer.run(partial(_all, restart))
    if copied.whole:
        await target.writer.run(lambda session: session.run(_UNMARK))


async def _table(table: Table, source: Lanes, target: Lanes, *, dry: bool) -> tuple[int, int, int]:
    names = [column.name for column in table.primary_key]
    key = tuple_(*table.primary_key)
    total = there = written = 0
    query = page_of_all = select(table).order_by(*table.primary_key).limit(_PAGE)
    while page := await source.listings.run(partial(_all, query)):
        rows = {tuple(row[name] for name in names): _free(row) for row in page}
        # by each key: the two databases may order texts differently
        known = select(table).where(key.in_(list(rows)))
        query = page_of_all.where(key > list(rows)[-1])

        def unit(session: Session, rows: Any = rows, known: Any = known) -> tuple[int, int]:
            found = {tuple(row[name] for name in names): dict(row) for row in session.all(known)}
            if any(row != rows[at] for at, row in found.items()):
                raise OtherRows(table)
            lacking = [row for at, row in rows.items() if at not in found]
            if lacking and not dry:
                session.run(insert(table).values(lacking))
            return len(found), len(lacking)

        present, new = await target.writer.run(unit)
        total, written = total + len(page), written + (0 if dry else new)
        there += present + (0 if dry else new)
    return total, there, written


def _all(query: Executable, session: Session) -> Sequence[Row]:
    return session.all(query)


def _free(row: Row) -> dict[str, Any]:
    """A row whose work nobody holds: the bridge of the source is not running."""
    held = [name for name in ("lease_owner", "lease_until") if name in row]
    return {**row, **dict.fromkeys(held)}


def _by_state(session: Session) -> dict[str, int]:
    rows = session.all(
        select(REGISTRATIONS.c.state, func.count().label("count")).group_by(REGISTRATIONS.c.state)
    )
    return {str(row["state"]): int(row["count"]) for row in rows}
