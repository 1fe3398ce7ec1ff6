"""Every story of the library, on every profile where it makes sense, against our own three servers."""

from __future__ import annotations

import pytest

from scenarios.events import Outcome
from scenarios.library import ALL_PROFILES, Story, stories
from tests.scenarios.conftest import Play

CAST = [(story, profile) for profile in ALL_PROFILES for story in stories() if profile in story.profiles]


@pytest.mark.parametrize(("story", "profile"), CAST, ids=[f"{story.name}-{p}" for story, p in CAST])
async def test_the_story_goes_as_written_and_all_promises_are_kept(
    story: Story, profile: str, play: Play
) -> None:
    ending, _ = await play(story, profile)
    assert ending.outcome is Outcome.PASSED, "\n".join(
        (*ending.failures, *(str(verdict) for verdict in ending.verdicts if not verdict.kept))
    )
    assert [verdict.promise.number for verdict in ending.verdicts if verdict.kept] == [1, 2, 3, 4, 5]
