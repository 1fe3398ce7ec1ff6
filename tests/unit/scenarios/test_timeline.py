"""What a story says, checks and waits for, as its listeners hear it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scenarios.events import Checked, Event, TimePassed, Told
from scenarios.stage.pace import VirtualPace
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, NeverHappened, Unmet
from wire.world import World

HOUR = timedelta(hours=1)


def timeline() -> tuple[Timeline, list[Event]]:
    world, heard = World.virtual(), list[Event]()
    return Timeline(world, VirtualPace(world), heard.append), heard


async def test_a_check_is_told_whether_it_is_met_or_not() -> None:
    story, heard = timeline()
    await story.check("one", True, "never shown", "OCRVS-ACC-01 OCRVS-ACC-02")
    with pytest.raises(Unmet, match=r"^expected: two; seen: it waits$") as unmet:
        await story.check("two", lambda: False, "it waits", means="it is deaf")
    assert unmet.value.means == "it is deaf"
    first, second = (one for one in heard if isinstance(one, Checked))
    assert (first.met, first.seen, first.shows) == (True, "", ("OCRVS-ACC-01", "OCRVS-ACC-02"))
    assert (second.met, second.seen) == (False, "it waits")


async def test_time_goes_until_it_is_so() -> None:
    story, heard = timeline()
    began = story.world.clock.now()
    await story.until("an hour has gone", lambda: story.world.clock.now() >= began + HOUR, 2 * HOUR, HOUR)
    assert story.world.clock.now() == began + HOUR
    passed, checked = heard
    assert isinstance(passed, TimePassed) and passed.since == began
    assert isinstance(checked, Checked) and checked.met


async def test_what_does_not_come_within_its_time_is_told_with_that_time() -> None:
    story, heard = timeline()
    began = story.world.clock.now()
    with pytest.raises(NeverHappened, match="expected within 2 hours: it comes"):
        await story.until("it comes", lambda: False, 2 * HOUR)
    assert story.world.clock.now() == began + 2 * HOUR
    assert isinstance(heard[-1], Checked) and "not within 2 hours" in heard[-1].seen


@pytest.mark.parametrize(("seconds", "worth"), [(59, 0), (60, 1)])
async def test_less_than_a_minute_is_not_worth_telling(seconds: int, worth: int) -> None:
    story, heard = timeline()
    await story.passes(timedelta(seconds=seconds))
    assert len(heard) == worth


async def test_what_somebody_does_is_told_by_name() -> None:
    story, heard = timeline()
    story.says(Actor.REGISTRAR, "declares a birth")
    assert heard == [Told(story.world.clock.now(), Actor.REGISTRAR, "declares a birth")]


async def test_a_request_is_answered_while_time_goes() -> None:
    story, heard = timeline()

    async def answer() -> str:
        await story.world.clock.sleep(600)
        return "done"

    assert await story.answered(answer()) == "done"
    assert isinstance(heard[-1], TimePassed)
