"""No second sees more than the rate and the little that is kept; what is free is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.pace import Pace

START = 1_770_000_000_000_000
SECOND = 1_000_000


@given(st.floats(0.1, 500), st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(1, 50)), max_size=60))
def test_no_second_sees_more_than_the_rate(rate: float, looks: list[tuple[int, int]]) -> None:
    pace, now, free_at, begun = Pace(rate), START, 0, []
    for later, wanted in looks:
        now += later
        count = pace.begin(now, free_at, 0, wanted)
        free_at = pace.after(now, free_at, count)
        begun += [now] * count
    for at in begun:
        assert sum(at <= other < at + SECOND for other in begun) <= rate + max(1, rate / 20) + 1


@given(st.floats(0.1, 500))
def test_who_waits_as_long_as_told_gets_the_next(rate: float) -> None:
    pace, now, free_at = Pace(rate), START, 0
    for _ in range(20):
        count = pace.begin(now, free_at, 0, 1)
        assert count == 1
        free_at = pace.after(now, free_at, count)
        now += int(pace.wait(now, free_at) * SECOND) + 1


@given(st.integers(0, 10**12))
def test_a_clock_that_is_put_back_makes_nobody_wait(back: int) -> None:
    pace = Pace(2.0)
    free_at = pace.after(START, 0, 3)
    now = START - 10 * SECOND - back
    assert pace.begin(now, free_at, 0, 1) == 1


@pytest.mark.parametrize(("under_way", "begins"), [(0, 4), (3, 1), (4, 0), (9, 0)])
def test_in_flight(under_way: int, begins: int) -> None:
    assert Pace(in_flight=4).begin(START, 0, under_way, 16) == begins
    assert Pace(in_flight=4).wait(START, 0) == 1.0
