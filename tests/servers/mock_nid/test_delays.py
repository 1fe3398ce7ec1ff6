"""A plan's delay is the time from the workflow instance to the outcome, whatever the outcome and stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage, close_stage, open_stage
from wire.world import parse_timestamp

Open = Callable[..., Awaitable[Stage]]
ID = "100010000000001"
DAYS = 3 * 86400.0

PLANS: tuple[Any, ...] = (
    "issue",
    "reject",
    "reject:duplicate person",
    "fail",
    "fail:RPR-CMD-FAILED-003",
    "fail:RPR-FIN-FAILED-001",
    "stall",
    {"outcome": "stall", "stage": "FinalizationStage"},
    {"outcome": "reject", "stage": "PacketValidatorStage"},
    {"outcome": "pause"},
)


def plan(given: Any, **more: Any) -> Any:
    return {"outcome": given.partition(":")[0], **more} if isinstance(given, str) else {**given, **more}


async def at_its_end(s: Stage, process: str, fields: dict[str, Any], seconds: float) -> None:
    """Nothing is decided a second before, all a second after."""
    await s.client.submit(ID, process, **fields)
    await s.advance(seconds - 1)
    before = s.running.registrations.find(ID)
    assert before is not None and not before.ended and not before.stalled
    await s.advance(2)
    after = s.running.registrations.find(ID)
    assert after is not None and (after.ended or after.stalled)
    if after.ended:
        began, end = (parse_timestamp(after.transactions[place].at) for place in (0, -1))
        assert end - began == timedelta(seconds=seconds)


@pytest.mark.parametrize("given", PLANS, ids=str)
@pytest.mark.parametrize(
    ("process", "fields"),
    [("CRVS_NEW", {}), ("CRVS_DEATH", {"UIN": "2760938145"}), ("CRVS_UPDATE", {"UIN": "4238670978"})],
)
async def test_after(stage: Open, given: Any, process: str, fields: dict[str, Any]) -> None:
    s = await stage()
    s.running.plans.enqueue(plan(given, after=DAYS))
    await at_its_end(s, process, fields, DAYS)


@pytest.mark.parametrize("given", ["issue@259200", "reject:twice@259200", "fail:RPR-PKV-FAILED-012@259200"])
async def test_short_texts(stage: Open, given: str) -> None:
    s = await stage(default_plan=given)
    await at_its_end(s, "CRVS_NEW", {}, DAYS)


@pytest.mark.parametrize("given", ["reject", "fail"])
async def test_a_drawn_delay_and_the_servers_own_time(stage: Open, given: str) -> None:
    s = await stage()
    s.running.plans.enqueue(plan(given, delay="list:7200"))
    await at_its_end(s, "CRVS_NEW", {}, 7200)
    other = await stage(processing_seconds="7200", default_plan=given)
    await at_its_end(other, "CRVS_NEW", {}, 7200)


@pytest.mark.parametrize(
    ("process", "fields"),
    [
        ("CRVS_NEW", {"dateOfBirth": "2010/01/01"}),
        ("CRVS_NEW", {"fullName": ""}),
        ("CRVS_DEATH", {"UIN": "3467045314"}),
    ],
)
async def test_what_the_data_decide_takes_as_long(stage: Open, process: str, fields: dict[str, Any]) -> None:
    """Also where the plan orders another end at a later stage."""
    for ordered in ("issue", "reject", "stall"):
        s = await stage(processing_seconds="7200", default_plan=ordered)
        await at_its_end(s, process, fields, 7200)


async def test_a_restart_does_not_count_the_time_anew(keys: Path, tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    first = await open_stage(keys, state_file=kept, default_plan="fail:RPR-FIN-FAILED-001@259200")
    await first.client.submit(ID)
    await first.advance(2 * 86400)
    await close_stage(first)
    second = await open_stage(keys, state_file=kept, world=first.world)
    await second.advance(86400 - 1)
    assert not next(iter(second.running.registrations)).ended
    await second.advance(2)
    assert next(iter(second.running.registrations)).ended
    await close_stage(second)
