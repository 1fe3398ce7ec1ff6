"""A run as a page of HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scenarios.events import Exchanged, ScenarioEnded, ScenarioStarted, StoryOutcome, Told
from scenarios.reports.chapters import Book
from scenarios.reports.html import HtmlReport, html
from scenarios.story import Actor
from tests.unit.scenarios.played import KEPT, T0, T1, run, story


class _Page(HTMLParser):
    """Collects what a browser would fetch, and which elements are open."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and value and not value.startswith("#"):
                self.fetched.append(value)


def test_html_stands_alone_and_escapes_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    report = HtmlReport(path)
    for event in run():
        report(event)
    text = path.read_text()
    page = _Page()
    page.feed(text)
    assert page.fetched == []
    assert "script" not in page.tags
    assert page.tags.count("svg") == 2
    assert "The &lt;story&gt; of bad" in text
    assert "<story>" not in text
    assert "no list names it" in text
    assert "8 days later" in text
    assert "Played on 28 November 2026, 09:30 UTC with kit 0.1.0" in text
    assert "promise 1 broken: birth K7QX2M" in text.partition("What was promised")[0]


@pytest.mark.parametrize(("many", "missing"), [(900, ""), (901, "1 more"), (12_345, "11,445 more")])
def test_html_lists_the_ends_of_a_long_scenario_and_says_what_it_leaves_out(many: int, missing: str) -> None:
    begin, *_ = run()
    steps = [Told(T0, Actor.BRIDGE, f"step {number}.") for number in range(many)]
    book = Book()
    for event in (begin, ScenarioStarted(T0, story("long"), 1, 1), *steps):
        book(event)
    text = html(book).partition("Everything that happened")[2]
    assert "step 0." in text and f"step {many - 1}." in text
    assert text.count("step ") - text.count('class="step ') == min(many, 900)
    assert (f"{missing} steps are not shown" if missing else "step 600.") in text


def test_html_of_many_stories_stays_small_and_folds_what_went_well() -> None:
    begin, *_ = run()
    book = Book()
    book(begin)
    body = json.dumps({"value": "x" * 4000})
    for number in range(54):
        told = story(f"story-{number}")
        book(ScenarioStarted(T0, told, number + 1, 54))
        for _ in range(170):
            exchanged = Exchanged(T0, Actor.BRIDGE, Actor.NID, "packet.create", 200, "POST /x", body, body)
            book(exchanged)
        book(
            ScenarioEnded(T1, told, StoryOutcome.PASSED if number else StoryOutcome.FAILED, 0.5, KEPT, (), T0)
        )
    text = html(book)
    assert len(text.encode()) <= 5_000_000
    assert text.count('<details class="story">') == 53 and text.count('<details class="story" open>') == 1
    assert "characters more: a run with --ndjson writes them all" in text
