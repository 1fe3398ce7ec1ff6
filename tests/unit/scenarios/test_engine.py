"""What a story comes to: by its script, by the judge, by an accident; and what is not played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from scenarios.engine import Engine, Options, accident
from scenarios.events import Checked, Event, PromiseJudged, ScenarioEnded, StoryOutcome
from scenarios.judging.verdicts import PROMISES, Breach, Ruling, Verdict
from scenarios.story import Need, NeverHappened, NotPlayable, Story, Unmet
from tests.unit.scenarios.played import T0, story

PASSED, FAILED, ERROR, NOT_PLAYED = (
    StoryOutcome.PASSED,
    StoryOutcome.FAILED,
    StoryOutcome.ERROR,
    StoryOutcome.NOT_PLAYED,
)
KEPT = Verdict(PROMISES[0], Ruling.KEPT, "1 record")
BROKEN = replace(KEPT, ruling=Ruling.BROKEN, findings=(Breach("birth T", "waits"),))
UNJUDGED = replace(KEPT, ruling=Ruling.NOT_JUDGED)


class Stage:
    """A stage on which a story ends in one way."""

    def __init__(self, raises: Exception | None = None, verdict: Verdict = KEPT, crash: str = "") -> None:
        self._raises, self._verdict, self._crash = raises, verdict, crash

    async def play(self, story: Story) -> None:
        if self._raises is not None:
            raise self._raises

    async def crash(self) -> str:
        return self._crash

    async def rest(self) -> None:
        pass

    async def verdicts(self) -> tuple[Verdict, ...]:
        return (self._verdict,)


async def ended(
    stage: Stage | Exception, told: list[Event], *stories: Story, **given: Any
) -> list[ScenarioEnded]:
    @asynccontextmanager
    async def opened(*_: Any) -> AsyncIterator[Stage]:
        if isinstance(stage, Exception):
            raise stage
        yield stage

    engine = Engine(opened, Options(**given.pop("options", {})), [told.append], **given)
    run = await engine.run(stories or [story("one")])
    return list(run.endings)


@pytest.mark.parametrize(
    ("stage", "outcome", "failures"),
    [
        (Stage(), PASSED, ()),
        (Stage(verdict=UNJUDGED), PASSED, ()),
        (Stage(verdict=BROKEN), FAILED, ()),
        (Stage(Unmet("expected: it is registered")), FAILED, ("expected: it is registered",)),
        (Stage(NeverHappened("expected within 1 day")), FAILED, ("expected within 1 day",)),
        (Stage(crash="it crashed"), FAILED, ("it crashed",)),
        # what the part does not offer is no failure of it, unless it broke a promise on the way
        (Stage(NotPlayable("it has no list")), NOT_PLAYED, ("it has no list",)),
        (Stage(NotPlayable("it has no list"), BROKEN), FAILED, ()),
        (NotPlayable("nobody is there"), NOT_PLAYED, ("nobody is there",)),
    ],
)
async def test_what_a_story_comes_to(
    stage: Stage | Exception, outcome: StoryOutcome, failures: tuple[str, ...]
) -> None:
    told: list[Event] = []
    [ending] = await ended(stage, told)
    assert (ending.outcome, ending.failures) == (outcome, failures)


async def test_the_judge_is_heard_also_when_the_script_did_not_go_as_written() -> None:
    told: list[Event] = []
    [ending] = await ended(Stage(Unmet("expected: x", "it is deaf"), BROKEN), told)
    assert ending.verdicts == (BROKEN,) and ending.means == "it is deaf"
    assert [one.verdict for one in told if isinstance(one, PromiseJudged)] == [BROKEN]


async def test_an_accident_is_an_error_and_names_its_place() -> None:
    [ending] = await ended(Stage(KeyError("x")), [])
    assert ending.outcome is ERROR
    assert ending.failures[0].startswith("KeyError: 'x' (scenarios/test_engine.py:")


def test_an_accident_without_a_place_is_told_all_the_same() -> None:
    assert accident(ValueError("x")) == "ValueError: x"


@pytest.mark.parametrize(
    ("change", "lacks", "why"),
    [
        ({"profiles": ("1.9",)}, {}, "makes no sense with OpenCRVS 2.0: 1.9 only"),
        ({"needs": frozenset({Need.CLOCK})}, {Need.CLOCK: "its clock is its own"}, "its clock is its own"),
        ({"needs": frozenset({Need.HUB})}, {Need.CLOCK: "its clock is its own"}, None),
        (
            {"needs": frozenset({Need.SETTINGS}), "ours": "it sets a key"},
            {Need.SETTINGS: "x"},
            "it sets a key",
        ),
    ],
)
async def test_what_cannot_be_played_says_why(
    change: dict[str, Any], lacks: dict[Need, str], why: str | None
) -> None:
    [ending] = await ended(Stage(), [], replace(story("one"), **change), lacks=lacks)
    assert ending.outcome is (PASSED if why is None else NOT_PLAYED)
    assert why is None or why in ending.failures[0]


@pytest.mark.parametrize(("keep_going", "played"), [(True, ["one", "two"]), (False, ["one"])])
async def test_a_failure_ends_the_run_where_that_is_wanted(keep_going: bool, played: list[str]) -> None:
    told: list[Event] = []
    stories = (story("one"), story("two"))
    found = await ended(Stage(verdict=BROKEN), told, *stories, options={"keep_going": keep_going})
    assert [one.story.name for one in found] == played


async def a_script(stage: Any) -> None:
    await stage.check("it is asked", True)
    await stage.until("it is registered", lambda: False)
    await stage.check(f"the {stage} is printed", True)


async def test_the_checks_that_were_not_reached_are_named() -> None:
    class Half(Stage):
        async def play(self, story: Story) -> None:
            engine.tell(Checked(T0, "it is asked", True))
            raise Unmet("expected: it is registered")

    @asynccontextmanager
    async def opened(*_: Any) -> AsyncIterator[Stage]:
        yield Half()

    engine = Engine(opened)
    [ending] = (await engine.run([replace(story("one"), play=a_script)])).endings
    assert ending.unreached == ("it is registered", "the … is printed")
