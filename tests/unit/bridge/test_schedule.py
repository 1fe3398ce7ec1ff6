"""Which pump has to look, and when."""

from __future__ import annotations

from datetime import timedelta

from bridge.flow.schedule import Schedule
from bridge.registration import Destination, Task
from wire.world import World

NID, OPENCRVS = Destination.NID, Destination.OPENCRVS


def caught_up(world: World) -> Schedule:
    schedule = Schedule(world.clock)
    for destination in Destination:
        schedule.caught_up(destination)
        schedule.looking(destination)
    return schedule


def test_at_the_start_everybody_may_be_behind() -> None:
    schedule = Schedule(World.virtual().clock)
    assert all(schedule.is_behind(destination) for destination in Destination)


def test_due_work_wakes_its_own_pump_and_puts_it_behind() -> None:
    world = World.virtual()
    schedule = caught_up(world)
    schedule.due(Task.SUBMIT, world.clock.now())
    assert schedule.woken[NID].is_set() and schedule.is_behind(NID)
    assert not schedule.woken[OPENCRVS].is_set() and not schedule.is_behind(OPENCRVS)


def test_later_work_wakes_only_a_pump_that_would_sleep_over_it() -> None:
    world = World.virtual()
    schedule, now = caught_up(world), world.clock.now()
    schedule.looks_by_itself(NID, now + timedelta(seconds=10))
    schedule.due(Task.SUBMIT, now + timedelta(seconds=20))
    assert not schedule.woken[NID].is_set()
    schedule.due(Task.ASK, now + timedelta(seconds=5))
    assert schedule.woken[NID].is_set() and not schedule.is_behind(NID)
