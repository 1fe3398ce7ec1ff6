from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from testbed.faults import GENERIC, Fault, FaultKind, Faults
from wire.world import World

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def faults() -> Faults:
    return Faults(World.virtual(START), {"trigger": GENERIC, "delivery": GENERIC | {FaultKind.DUPLICATE}})


def test_a_fault_strikes_as_often_as_it_says() -> None:
    waiting = faults()
    waiting.add(Fault("trigger", FaultKind.STATUS, count=2))
    assert [waiting.strike("trigger") is not None for _ in range(4)] == [True, True, False, False]


def test_a_fault_lets_the_first_pass_when_told() -> None:
    waiting = faults()
    waiting.add(Fault("trigger", FaultKind.RESET, skip=1))
    assert [waiting.strike("trigger") is not None for _ in range(3)] == [False, True, False]


def test_a_fault_for_one_record_leaves_the_others_alone() -> None:
    waiting = faults()
    waiting.add(Fault("delivery", FaultKind.DUPLICATE, record="A", count=None))
    assert waiting.strike("delivery", ["B"]) is None
    assert waiting.strike("delivery", ["B", "A"]) is not None


async def test_a_window_opens_and_closes_on_the_clock() -> None:
    world = World.virtual(START)
    waiting = Faults(world, {"trigger": GENERIC})
    hour = timedelta(hours=1)
    waiting.add(Fault("trigger", FaultKind.STATUS, since=START + hour, until=START + 2 * hour, count=None))
    struck = []
    for _ in range(3):
        struck.append(waiting.strike("trigger") is not None)
        await world.clock.advance(3600)
    assert struck == [False, True, False]


def test_probability_is_drawn_from_the_world() -> None:
    waiting = faults()
    waiting.add(Fault("trigger", FaultKind.STATUS, probability=0.5, count=None))
    struck = sum(waiting.strike("trigger") is not None for _ in range(1000))
    assert 400 < struck < 600


async def test_a_rate_strikes_what_is_beyond_it_in_any_second() -> None:
    world = World.virtual(START)
    waiting = Faults(world, {"trigger": GENERIC})
    waiting.add(Fault("trigger", FaultKind.STATUS, count=None, rate=3, status=429))
    struck = []
    for _ in range(3):
        struck.append([waiting.strike("trigger") is not None for _ in range(2)])
        await world.clock.advance(0.4)
    assert struck == [[False, False], [False, True], [True, True]]
    await world.clock.advance(0.1)
    assert [waiting.strike("trigger") is not None for _ in range(4)] == [False, False, True, True]


def test_an_unknown_seam_or_kind_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="there are: delivery, trigger"):
        faults().add(Fault("triger", FaultKind.STATUS))
    with pytest.raises(ValueError, match="cannot play duplicate"):
        faults().add(Fault("trigger", FaultKind.DUPLICATE))


def test_faults_are_listed_and_removed_by_number() -> None:
    waiting = faults()
    number = waiting.add(Fault("trigger", FaultKind.STATUS))
    assert waiting.remove(number)
    assert not waiting.remove(number)
    assert waiting.listed() == []
