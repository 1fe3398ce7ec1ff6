"""Every statement of the hot path goes by an index, so that a million waiting rows slow nothing down."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.sql import Executable

from bridge.registration import Act, Task
from bridge.store.sessions import Parameters, SqliteSession, _written
from tests.servers.bridge.conftest import Stage

Statement = tuple[str, Any]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """What SQLite is asked from now on, as text and parameters."""
    seen: list[Statement] = []
    execute = SqliteSession._execute

    def noted(session: SqliteSession, statement: Executable, parameters: Parameters) -> sqlite3.Cursor:
        written = _written(statement)
        seen.append((written.text, written.constants | dict(parameters)))
        return execute(session, statement, parameters)

    monkeypatch.setattr(SqliteSession, "_execute", noted)
    return seen


async def test_hot_statements_search_by_index_and_sort_nothing(
    stage: Stage, statements: list[Statement], tmp_path: Path
) -> None:
    registration = await stage.of(await stage.submitted())
    store = stage.running.store
    for tasks in ([Task.ASK, Task.SUBMIT, Task.OPEN], [Task.POLL], [Task.CONFIRM], [Task.ACKNOWLEDGE]):
        await store.due_work.claim(tasks, 10, 60.0)
        await store.due_work.next_due(tasks)
    await store.lookups.by_packet(registration.packet_id)
    await store.lookups.by_id(registration.id)
    await store.lookups.of_event(registration.event_id)
    await store.lookups.secrets(registration.id)
    await store.lookups.delivered_to(registration.packet_id, "a delivery")
    await store.listings.pending()
    await store.lookups.find("an id of any kind")
    await store.listings.expiring(stage.world.clock.now(), after=None, limit=10)
    await store.listings.expiring(stage.world.clock.now(), after=registration, limit=10)
    await store.deliveries.receive("a delivery", "a topic", registration.id, "noted")
    await store.touch(registration, "a note")
    await store.move(registration.id, Act.ISSUE, "a note")
    await store.listings.history(registration.id)
    plans = {text: _plan(tmp_path / "bridge.db", text, given) for text, given in statements if _tells(text)}
    assert len(plans) > 10
    for text, plan in plans.items():
        for step in plan:
            if "TEMP B-TREE" in step:  # an event's own few registrations may be sorted, a backlog never
                assert "event_id=?" in plan[0], (text, plan)
            else:
                assert step.startswith("SEARCH") and ("INDEX" in step or "PRIMARY KEY" in step), (text, plan)


async def test_the_first_lease_that_ends_is_found_among_leases_only(
    stage: Stage, statements: list[Statement], tmp_path: Path
) -> None:
    await stage.running.store.due_work.next_due([Task.POLL])
    [found] = [each for each in statements if "min(" in each[0]]
    assert "leased_work" in _plan(tmp_path / "bridge.db", *found)[0]


async def test_what_waits_is_counted_from_an_index_alone(
    stage: Stage, statements: list[Statement], tmp_path: Path
) -> None:
    await stage.running.store.listings.backlog(stage.world.clock.now(), stage.world.clock.now())
    [[by_state], [stuck, *_], [expiring], [due, *_]] = [
        _plan(tmp_path / "bridge.db", *one) for one in statements
    ]
    assert "COVERING INDEX unsettled" in by_state
    assert "INDEX unsettled (state=?)" in stuck
    assert "INDEX expiring_tokens" in expiring
    assert "COVERING INDEX due_work" in due


def _tells(statement: str) -> bool:
    return statement.split()[0] in ("SELECT", "UPDATE") and "subscriptions" not in statement


def _plan(path: Path, statement: str, parameters: Any) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
