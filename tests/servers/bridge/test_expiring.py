"""Tokens that run out are named before they do: all of them, and as early as the warning time says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.registration import Registration, Secrets
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage


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
    expiring = stage.running.store.listings.expiring

    async def noted(*given: Any, **named: Any) -> list[Registration]:
        asked.append(stage.world.clock.now())
        return await expiring(*given, **named)

    stage.running.store.listings.expiring = noted  # type: ignore[method-assign]
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
