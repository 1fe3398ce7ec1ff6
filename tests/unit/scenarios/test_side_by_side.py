"""Stories in several processes keep their order; a process that ends takes one with it, and no other."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from scenarios import side_by_side
from scenarios.engine import Engine, Options
from scenarios.events import Event, Listener, ScenarioStarted, StoryOutcome
from scenarios.judging.verdicts import Verdict
from scenarios.story import Story
from wire.world import World


class Bare:
    """A stage on which nothing runs."""

    async def play(self, story: Story) -> None:
        if story.name == "dies":
            os._exit(9)

    async def crash(self) -> str:
        return ""

    async def rest(self) -> None:
        pass

    async def verdicts(self) -> tuple[Verdict, ...]:
        return ()


@asynccontextmanager
async def opened(story: Story, world: World, options: Options, listener: Listener) -> AsyncIterator[Bare]:
    yield Bare()


def engine(listeners: Sequence[Listener]) -> Engine:
    return Engine(opened, Options(), listeners)


async def nothing(stage: object) -> None:
    pass


def test_a_process_that_ends_takes_its_story_with_it_and_no_other() -> None:
    stories = [Story(name, name, "", "", nothing) for name in ("a", "b", "dies", "c", "d")]
    events: list[Event] = []
    shown: list[int] = []
    ended = side_by_side.run(
        engine, [events.append], stories, 2, lambda names, done, total: shown.append(done)
    )
    assert [one.story.name for one in events if isinstance(one, ScenarioStarted)] == [s.name for s in stories]
    outcomes = {one.story.name: one.outcome for one in ended.endings}
    assert outcomes.pop("dies") is StoryOutcome.ERROR
    assert set(outcomes.values()) == {StoryOutcome.PASSED}
    assert "ended with status 9" in next(one for one in ended.endings if one.failed).failures[0]
    assert shown[-1] == 5
    assert not ended.interrupted
