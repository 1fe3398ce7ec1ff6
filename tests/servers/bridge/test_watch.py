"""Tokens that run out are named before they do: all of them, and as early as the warning time says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.registration import Registration, Secrets, State
from bridge.store.store import Store
from bridge.store.vault import Vault
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.test_operations import ask
from wire.world import World


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def warned(lines: list[Any]) -> list[Any]:
    return [line for line in lines if line["event"] == "token runs out"]


def copy_of(registration: Registration, number: int, **changes: Any) -> Registration:
    """Another registration like it, that waits for nothing."""
    ids = {"id": f"id-{number:05}", "event_id": f"event-{number:05}", "packet_id": f"packet-{number:05}"}
    return replace(registration, **ids, task=None, due_at=None, **changes)


@pytest.mark.parametrize("stage", [{"expiry_warning_seconds": 3600}], indirect=True)
async def test_more_than_a_thousand_are_all_named_the_next_one_first(stage: Stage, lines: list[Any]) -> None:
    one = await stage.of(await stage.submitted())
    now = stage.world.clock.now()
    # many run out at the same instant, across the end of a page
    ends = [now + timedelta(seconds=1200 - 60 * (number // 400)) for number in range(1300)]
    many = [copy_of(one, number, token_expires_at=end) for number, end in enumerate(ends)]
    await asyncio.gather(*(stage.running.store.add(new, Secrets(), "a test") for new in many))
    await stage.restart(kill=False)
    said = warned(lines)
    assert len(said) == len(many)
    assert {line["registration"] for line in said} == {new.id for new in many}
    assert {line["event_id"] for line in said} == {new.event_id for new in many}
    instants = [line["at"] for line in said]
    assert instants == sorted(instants)


@pytest.mark.parametrize("stage", [{"expiry_warning_seconds": 600}], indirect=True)
async def test_a_short_token_is_named_before_it_runs_out(stage: Stage, lines: list[Any]) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event, stage.opencrvs.token(event, lifetime=1500))
    await stage.world.clock.advance(890)
    assert warned(lines) == []
    await stage.world.clock.advance(600)
    assert {line["event_id"] for line in warned(lines)} == {event["id"]}


@pytest.mark.parametrize(
    ("stage", "seconds"),
    [({"expiry_warning_seconds": 600}, 300.0), ({"expiry_warning_seconds": 7 * 86400}, 6 * 3600.0)],
    indirect=["stage"],
)
async def test_the_watch_looks_at_least_twice_in_the_warning_time(stage: Stage, seconds: float) -> None:
    asked: list[Any] = []
    expiring = stage.running.store.expiring

    async def noted(*given: Any, **named: Any) -> list[Registration]:
        asked.append(stage.world.clock.now())
        return await expiring(*given, **named)

    stage.running.store.expiring = noted  # type: ignore[method-assign]
    await stage.world.clock.advance(3 * seconds + 1)
    assert [(b - a).total_seconds() for a, b in pairwise(asked)] == [seconds] * 2


async def test_a_gauge_counts_the_tokens_that_run_out(stage: Stage) -> None:
    await stage.submitted()
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event, stage.opencrvs.token(event, lifetime=2 * 86400))
    assert "bridge_tokens_expiring 0.0" in (await ask(stage, "GET", "/metrics", token=None))[1]
    await stage.world.clock.advance(86400)
    assert "bridge_tokens_expiring 1.0" in (await ask(stage, "GET", "/metrics", token=None))[1]
    # a system client can confirm without it
    await stage.restart(kill=False, client_id="client", client_secret="secret-of-the-client")
    assert "bridge_tokens_expiring 0.0" in (await ask(stage, "GET", "/metrics", token=None))[1]


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/bridge.db"
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        url = postgres.get_uri()
    world = World.virtual(seed=3)
    opened = await Store.open(url, world, Vault(["a key of sixteen characters"], world.chance))
    yield opened
    await opened.close()


def waiting(number: int, world: World, state: State, age: timedelta, **more: Any) -> Registration:
    """A registration that was received `age` ago."""
    at = world.clock.now() - age
    ids = (f"id-{number}", f"event-{number}", f"action-{number}")
    given: dict[str, Any] = {"packet_id": f"packet-{number}", "process": "CRVS_NEW", "number": f"B{number}"}
    given |= {"state": state, "received_at": at, "updated_at": at, "tracking_id": "T", **more}
    return Registration(*ids, "birth", "REGISTER", **given)


async def test_both_databases_count_what_waits_in_the_same_way(store: Store) -> None:
    world = World.virtual(seed=3)
    now, hour = world.clock.now(), timedelta(hours=1)
    soon, later = now + hour, now + 3 * hour
    rows = [
        waiting(1, world, State.SUBMITTED, timedelta(seconds=5), token_expires_at=soon),
        waiting(2, world, State.SUBMITTED, 2 * hour, token_expires_at=later),
        waiting(3, world, State.STUCK, 30 * 24 * hour, reason="nid-silent"),
        waiting(4, world, State.STUCK, hour, reason="token-expired"),
        waiting(5, world, State.CONFIRMED, hour, settled_at=now, token_expires_at=soon),
    ]
    for row in rows:
        await store.add(row, Secrets(), "a test")
    backlog = await store.backlog(now, soon)
    submitted, stuck = backlog.of(State.SUBMITTED), backlog.of(State.STUCK)
    assert (submitted.count, submitted.oldest, submitted.ages_sum) == (2, 7200.0, 7205.0)
    assert submitted.at_most == (1, 1, 1, 2, 2, 2, 2, 2)
    assert (stuck.count, stuck.at_most) == (2, (0, 0, 1, 1, 1, 1, 1, 1))
    assert dict(backlog.stuck) == {"nid-silent": 1, "token-expired": 1}
    assert backlog.expiring == 1
    page = await store.expiring(later, after=None, limit=1)
    further = await store.expiring(later, after=page[0], limit=5)
    assert [row.id for row in (*page, *further)] == ["id-1", "id-2"]


async def test_both_databases_forget_settled_ones_page_by_page(store: Store) -> None:
    world = World.virtual(seed=3)
    now = world.clock.now()
    for number in range(5):
        state = State.CONFIRMED if number else State.STUCK
        settled = {"settled_at": now} if number else {"reason": "nid-silent"}
        await store.add(waiting(number, world, state, timedelta(0), **settled), Secrets(), "a test")
        await store.receive(f"delivery-{number}", "topic", f"id-{number}", "noted")
    assert [await store.purge(now, most=3) for _ in range(3)] == [True, True, False]
    assert [row.id for row in await store.pending()] == ["id-0"]
    assert [await store.get(f"id-{number}") for number in range(1, 5)] == [None] * 4
    assert [await store.history(f"id-{number}") for number in range(1, 5)] == [[]] * 4
    assert await store.seen("delivery-4") is None


async def test_both_databases_are_written_to_by_the_question_whether_they_can_be(store: Store) -> None:
    await store.ready()
    await asyncio.gather(*(store.ready() for _ in range(5)))
    assert not await store.purge(World.virtual().clock.now() + timedelta(days=9), most=10), "a probe was left"
