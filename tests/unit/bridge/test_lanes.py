"""Group commit on SQLite: what returned is on the disk, what failed left nothing, and nobody else noticed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, insert, select

from bridge.store import lanes
from bridge.store.database import sqlite_connection
from bridge.store.lanes import GroupLane, StoreClosed, StoreTrouble, ThreadLane
from bridge.store.sessions import Session
from wire.world import World

NUMBERS = Table("numbers", MetaData(), Column("number", Integer, primary_key=True))
ADD = insert(NUMBERS).values(number=bindparam("new_number"))


class Wrong(Exception):
    """What a unit of these tests raises."""


def write(number: int, session: Session) -> int:
    session.run(ADD, {"new_number": number})
    return number


def write_then_fail(number: int, session: Session) -> int:
    session.run(ADD, {"new_number": number})
    raise Wrong(number)


def made(path: Path) -> sqlite3.Connection:
    connection = sqlite_connection(path)
    connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
    return connection


def stored(path: Path) -> list[int]:
    """As another program sees it."""
    with sqlite3.connect(path) as other:
        return [row[0] for row in other.execute("SELECT number FROM numbers ORDER BY number")]


@pytest.fixture
async def lane(tmp_path: Path) -> AsyncIterator[GroupLane]:
    lane = GroupLane(made(tmp_path / "db"), World.system())
    yield lane
    await lane.close()


async def test_what_has_returned_is_committed(lane: GroupLane, tmp_path: Path) -> None:
    for number in range(3):
        assert await lane.run(lambda session, number=number: write(number, session)) == number
        assert stored(tmp_path / "db") == list(range(number + 1))


@pytest.mark.parametrize("seed", range(3))
async def test_a_failure_stays_with_its_unit(lane: GroupLane, tmp_path: Path, seed: int) -> None:
    failing = {seed, seed + 4, 9}
    units = [(write_then_fail if number in failing else write, number) for number in range(10)]
    outcomes = await asyncio.gather(
        *(
            lane.run(lambda session, unit=unit, number=number: unit(number, session))
            for unit, number in units
        ),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Wrong) for outcome in outcomes] == [n in failing for n in range(10)]
    assert stored(tmp_path / "db") == [number for number in range(10) if number not in failing]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_together_is_as_one_after_the_other(work: list[tuple[int, bool]]) -> None:
    async def play() -> None:
        lane = GroupLane(made(Path(":memory:")), World.system())
        units = [(write_then_fail if fails else write, number) for number, fails in work]
        outcomes = await asyncio.gather(
            *(lane.run(lambda session, u=unit, n=number: u(n, session)) for unit, number in units),
            return_exceptions=True,
        )
        seen: set[int] = set()
        for (number, fails), outcome in zip(work, outcomes, strict=True):
            good = not fails and number not in seen
            assert isinstance(outcome, int) == good
            seen |= {number} if good else set()
        rows = await lane.run(lambda session: session.all(select(NUMBERS)))
        assert {row["number"] for row in rows} == seen
        await lane.close()

    asyncio.run(play())


async def test_after_a_kill_nothing_is_written(lane: GroupLane, tmp_path: Path) -> None:
    waiting = asyncio.create_task(lane.run(lambda session: write(1, session)))
    await asyncio.sleep(0)
    await lane.kill()
    with pytest.raises(StoreClosed):
        await waiting
    with pytest.raises(StoreClosed):
        await lane.run(lambda session: write(2, session))
    assert stored(tmp_path / "db") == []


async def test_closing_finishes_what_waits(lane: GroupLane, tmp_path: Path) -> None:
    waiting = [asyncio.create_task(lane.run(lambda s, n=n: write(n, s))) for n in range(200)]
    await asyncio.sleep(0)
    await lane.close()
    assert await asyncio.gather(*waiting) == list(range(200))
    assert stored(tmp_path / "db") == list(range(200))


async def test_another_program_with_the_lock_is_waited_for_off_the_loop(
    lane: GroupLane, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(lane.run(lambda session: write(1, session)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert await waiting == 1


async def test_a_lock_that_is_never_given_back_is_an_error_and_no_end(
    lane: GroupLane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_PATIENCE_MS", 20)
    other = sqlite3.connect(tmp_path / "db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreTrouble, match="locked"):
        await lane.run(lambda session: write(1, session))
    other.execute("ROLLBACK")
    other.close()
    assert await lane.run(lambda session: write(1, session)) == 1


async def test_a_listing_runs_beside_the_writer(lane: GroupLane, tmp_path: Path) -> None:
    listings = ThreadLane(sqlite_connection(tmp_path / "db"), World.system())
    await lane.run(lambda session: write(1, session))
    assert await listings.run(lambda session: session.all(select(NUMBERS))) == [{"number": 1}]
    await listings.close()
    with pytest.raises(StoreClosed):
        await listings.run(lambda session: session.all(select(NUMBERS)))
