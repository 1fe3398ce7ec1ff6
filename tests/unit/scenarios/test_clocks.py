"""A clock that goes wrong, and what the judge makes of the times that it showed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scenarios.stage.clocks import SkewedClock
from wire.virtual_clock import VirtualClock

HOUR = timedelta(hours=1)


async def test_it_is_right_until_it_is_set_wrong() -> None:
    true = VirtualClock()
    clock = SkewedClock(true)
    assert clock.now() == true.now()
    clock.is_wrong_by(-HOUR)
    assert clock.now() == true.now() - HOUR
    clock.is_wrong_by(timedelta())
    assert clock.now() == true.now()


async def test_what_it_waits_for_takes_true_time() -> None:
    true = VirtualClock()
    clock = SkewedClock(true)
    clock.is_wrong_by(HOUR)
    began = true.now()
    await clock.advance(90)
    assert true.now() - began == timedelta(seconds=90)


@pytest.mark.parametrize("errors", [(HOUR,), (-HOUR,), (HOUR, timedelta(), -HOUR, 3 * HOUR, timedelta())])
async def test_an_instant_is_corrected_by_the_error_of_its_time(errors: tuple[timedelta, ...]) -> None:
    true = VirtualClock()
    clock = SkewedClock(true)
    noted = [(clock.now(), true.now())]
    for error in errors:
        # a clock that is put back shows times again: let them pass first
        await true.advance(max(0.0, (clock.error - error).total_seconds()) + 60)
        clock.is_wrong_by(error)
        noted.append((clock.now(), true.now()))
    assert [clock.corrected(shown) for shown, _ in noted] == [was for _, was in noted]


async def test_what_was_read_is_known_also_where_times_are_shown_again() -> None:
    """In real time nobody waits until a clock that was put back is past what it showed."""
    true = VirtualClock()
    clock = SkewedClock(true)
    noted = []
    for error in (HOUR, -HOUR, 2 * HOUR, timedelta()):
        clock.is_wrong_by(error)
        await true.advance(1)
        noted.append((clock.now(), true.now()))
    assert [clock.corrected(shown) for shown, _ in noted] == [was for _, was in noted]
