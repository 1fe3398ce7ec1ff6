from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.delays import parse_delay
from wire.world import World


@pytest.mark.parametrize("text", ["30", "fixed:30", "uniform:1,60", "lognormal:60,0.8", "list:1,5,30"])
def test_a_delay_is_read_and_written_the_same(text: str) -> None:
    delay = parse_delay(text)
    assert str(parse_delay(str(delay))) == str(delay)


@pytest.mark.parametrize(
    "text", ["", "soon", "uniform:5", "uniform:9,1", "fixed:-1", "list:", "lognormal:0,1", "nan"]
)
def test_what_is_no_delay_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="uniform:LOW,HIGH"):
        parse_delay(text)


def test_a_list_is_played_in_turn() -> None:
    delay = parse_delay("list:1,5,30")
    chance = World.virtual().chance
    assert [delay.draw(chance) for _ in range(4)] == [1, 5, 30, 1]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers())
def test_a_uniform_delay_stays_between_its_ends(one: float, other: float, seed: int) -> None:
    low, high = sorted((one, other))
    drawn = parse_delay(f"uniform:{low!r},{high!r}").draw(World.virtual(seed=seed).chance)
    assert low <= drawn <= high


def test_half_of_the_lognormal_delays_are_under_the_median() -> None:
    chance = World.virtual().chance
    delay = parse_delay("lognormal:60,1")
    assert 50 < statistics.median(delay.draw(chance) for _ in range(2000)) < 72
