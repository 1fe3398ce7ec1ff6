"""A run gathered into chapters, for reports that are written at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scenarios.events import ScenarioEnded, ScenarioStarted, StoryOutcome
from scenarios.judging.verdicts import Ruling
from scenarios.reports.chapters import Book, Chapter, LeftOut, shortened
from tests.unit.scenarios.played import T0, run, story


def read() -> Book:
    book = Book()
    for event in run():
        book(event)
    return book


def test_every_event_stands_in_the_chapter_of_its_story() -> None:
    book = read()
    assert [one.name for one in book.chapters] == ["good", "bad", "skipped"]
    assert [one.outcome for one in book.chapters] == [
        StoryOutcome.PASSED,
        StoryOutcome.FAILED,
        StoryOutcome.NOT_PLAYED,
    ]
    assert len(book.chapters[0].events) == len(book.chapters[1].events) > 5 and not book.chapters[2].events
    assert book.chapters[0].lived == timedelta(days=8)


def test_it_is_counted_how_promises_and_stories_came_out() -> None:
    book = read()
    assert [book.count(one) for one in StoryOutcome] == [
        {"passed": 1, "failed": 1, "not played": 1}.get(one.value, 0) for one in StoryOutcome
    ]
    assert (book.rulings(1, Ruling.BROKEN), book.rulings(1, Ruling.KEPT), book.rulings(2, Ruling.KEPT)) == (
        1,
        1,
        2,
    )


def test_a_story_that_broke_off_with_an_error_was_not_judged() -> None:
    book = read()
    broken = book.chapters[0].ended
    assert broken is not None
    book.chapters[0].ended = replace(broken, outcome=StoryOutcome.ERROR, verdicts=())
    assert [book.rulings(1, ruling) for ruling in Ruling] == [0, 1, 1]


def test_everything_that_makes_it_fail_is_a_sentence() -> None:
    failed = read().chapters[1]
    assert failed.ended is not None
    failed.ended = replace(failed.ended, means="it is deaf", unreached=("it is printed",))
    assert failed.complaints() == [
        "expected: it is registered",
        "promise 1 broken: birth K7QX2M (Chanda & Mulenga) waits in silence [asked 202; no list names it]",
        "what it means: it is deaf",
        "not looked at any more: it is printed",
    ]


def test_a_chapter_without_an_end_is_an_error() -> None:
    chapter = Chapter(ScenarioStarted(T0, story("one"), 1, 1))
    assert (chapter.outcome, chapter.lived) == (StoryOutcome.ERROR, timedelta())
    assert chapter.complaints() == ["the run ended before the scenario did"]


@pytest.mark.parametrize(
    ("many", "shown"),
    [(0, []), (3, [0, 1, 2]), (4, [0, 1, LeftOut(1), 3]), (9, [0, 1, LeftOut(6), 8])],
)
def test_a_long_run_is_shortened_in_its_middle(many: int, shown: list[object]) -> None:
    assert shortened(range(many), 2, 1) == shown


def test_an_end_belongs_to_the_story_that_was_begun_last() -> None:
    book = read()
    assert all(
        isinstance(one.ended, ScenarioEnded) and one.ended.story is one.started.story for one in book.chapters
    )
