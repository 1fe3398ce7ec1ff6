"""How a script becomes a story, and which of its checks were not reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scenarios import story as stories
from scenarios.story import Need, story


@pytest.fixture(autouse=True)
def _own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(stories, "registered", {})
    yield


async def played(stage: Any) -> None:
    await stage.check("first", True)
    if stage:
        await stage.until(f"{stage} came", True)
    await stage.says("no check")
    await stage.check("last", True)


@pytest.mark.parametrize(
    ("tags", "needs"),
    [
        ({"async", "birth"}, {Need.ASYNC}),
        ({"delivery"}, {Need.HUB}),
        ({"birth"}, set()),
        ({"async", "delivery"}, {Need.ASYNC, Need.HUB}),
    ],
)
def test_a_story_needs_what_its_tags_say(tags: set[str], needs: set[Need]) -> None:
    play = story(title="t", learns="l", good_bridge="g", tags=tags, needs=[Need.CLOCK])(played)
    assert play is played
    made = stories.registered["played"]
    assert made.needs == needs | {Need.CLOCK} and made.tags == tags


@pytest.mark.parametrize(
    ("reached", "left"),
    [
        ([], ("first", "… came", "last")),
        (["first"], ("… came", "last")),
        (["first", "the packet came"], ("last",)),
        (["last"], ()),
        (["first", "something of a helper's"], ("… came", "last")),
    ],
)
def test_the_checks_after_the_last_that_was_reached(reached: list[str], left: tuple[str, ...]) -> None:
    story(title="t", learns="l", good_bridge="g")(played)
    assert stories.registered["played"].unreached(reached) == left
