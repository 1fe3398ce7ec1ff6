"""How stories are chosen: by name, by tag, and what comes near when there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.library import NoSuchStory, choose
from tests.unit.scenarios.played import story

KNOWN = [
    replace(story("async_birth"), tags=frozenset({"async", "birth"})),
    replace(story("sync_birth"), tags=frozenset({"sync", "birth"})),
    replace(story("death"), tags=frozenset({"async"})),
]


@pytest.mark.parametrize(
    ("names", "tags", "chosen"),
    [
        ([], [], ["async_birth", "sync_birth", "death"]),
        (["death", "async-birth"], [], ["death", "async_birth"]),
        (["death", "async_birth", "death", "async-birth"], [], ["death", "async_birth"]),
        ([], ["birth"], ["async_birth", "sync_birth"]),
        ([], ["birth", "async"], ["async_birth"]),
        (["death", "sync_birth"], ["async"], ["death"]),
    ],
)
def test_stories_of_these_names_with_all_of_these_tags(
    names: list[str], tags: list[str], chosen: list[str]
) -> None:
    assert [one.name for one in choose(names, tags, KNOWN)] == chosen


@pytest.mark.parametrize(
    ("names", "tags", "hint"),
    [
        (["async_brith"], [], "did you mean async_birth"),
        (["ASYNC_BIRTH"], [], "did you mean async_birth"),
        (["xyz"], [], "`rehearse list` shows them all"),
        (["death"], ["sync"], "none of these scenarios has the tag 'sync'; `rehearse list`"),
        ([], ["async", "sync"], "the tag 'async' and the tag 'sync'"),
        ([], ["brith"], "there are: async, birth, sync"),
    ],
)
def test_what_is_not_there_is_told_with_what_comes_near(names: list[str], tags: list[str], hint: str) -> None:
    with pytest.raises(NoSuchStory, match=hint):
        choose(names, tags, KNOWN)
