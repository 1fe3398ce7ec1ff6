"""Every story of the library against our own three servers; on CI on every profile where it makes sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.country import COUNTRIES
from rehearsal_pytest import verdicts
from scenarios.engine import Engine, Options
from scenarios.events import StoryOutcome
from scenarios.library import choose, stories
from scenarios.stage.setup import opener
from scenarios.stage.stage import Stage
from scenarios.story import Setup, Story
from tests.sizes import ON_CI

CAST = [
    (story, profile)
    for number, story in enumerate(stories())
    for profile in (story.profiles if ON_CI else [story.profiles[number % len(story.profiles)]])
]
"""On a laptop each story in one of its profiles, the profiles in turn."""


@pytest.fixture
def rehearsal_setup(story: Story) -> Setup:
    return story.setup


@pytest.fixture
def rehearsal_options(profile: str) -> Options:
    return Options(profile=profile)


@pytest.mark.parametrize(("story", "profile"), CAST, ids=[f"{story.name}-{p}" for story, p in CAST])
async def test_the_story_goes_as_written_and_all_promises_are_kept(story: Story, rehearsal: Stage) -> None:
    await story.play(rehearsal)
    judged = await verdicts(rehearsal)
    assert not [str(verdict) for verdict in judged if not verdict.kept]
    assert [verdict.promise.number for verdict in judged] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "name", ["async_delay", "async_rejection", "death", "correction", "nid_down_at_submit"]
)
async def test_a_country_with_ways_of_its_own_is_rehearsed(name: str, rehearsal_keys: Path) -> None:
    """Uganda's folder: numbers as handles, the surname first, people who are verified first."""
    engine = Engine(opener(rehearsal_keys), Options(country=COUNTRIES / "uganda"))
    (ended,) = (await engine.run(choose([name]))).endings
    assert ended.outcome is StoryOutcome.PASSED, ended.failures
