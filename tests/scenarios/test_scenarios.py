"""Every story of the library, on every profile where it makes sense, against our own three servers."""

from __future__ import annotations

import pytest

from rehearsal_pytest import verdicts
from scenarios.engine import Options
from scenarios.library import stories
from scenarios.stage.stage import Stage
from scenarios.story import ALL_PROFILES, Setup, Story

CAST = [(story, profile) for profile in ALL_PROFILES for story in stories() if profile in story.profiles]


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
