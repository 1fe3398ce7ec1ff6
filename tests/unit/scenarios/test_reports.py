"""Reports are listeners: what they write of a run with every kind of event and every outcome."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from scenarios.events import (
    Actor,
    Checked,
    Event,
    Exchanged,
    PromiseJudged,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    StoryOutcome,
    TimePassed,
    Told,
)
from scenarios.judging.verdicts import PROMISES, Breach, Ruling, Verdict
from scenarios.reports.chapters import Book
from scenarios.reports.html import HtmlReport, html
from scenarios.reports.junit import JUnitReport
from scenarios.reports.markdown import MarkdownReport
from scenarios.reports.plain import NdjsonReport
from scenarios.reports.terminal import TerminalReport
from scenarios.story import Story

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
T1 = T0 + timedelta(days=8)
BEGAN = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


async def _play(stage: object) -> None:
    raise AssertionError("a report plays nothing")


def story(name: str) -> Story:
    return Story(
        name, f"The <story> of {name}", "A country learns.", "A bridge does.", _play, frozenset({"birth"})
    )


FINDING = Breach("birth K7QX2M (Chanda & Mulenga)", "waits in silence", ("asked 202", "no list names it"))
KEPT = tuple(Verdict(promise, Ruling.KEPT, "1 record") for promise in PROMISES)
BROKEN = (Verdict(PROMISES[0], Ruling.BROKEN, "1 answered 202", (FINDING,)), *KEPT[1:])
HAPPENED: tuple[Event, ...] = (
    Told(T0, Actor.REGISTRAR, "declares [a birth]"),
    Exchanged(
        T0,
        Actor.OPENCRVS,
        Actor.BRIDGE,
        "trigger.REGISTER",
        202,
        "POST /x",
        '{"a": "<b>"}',
        "\x01",
    ),
    Exchanged(T0, Actor.BRIDGE, Actor.NID, "packet.create", None, injected=("reset",), note="cut"),
    TimePassed(T1, T0),
    Checked(T1, "the record is registered", False, "status DECLARED"),
    Checked(T1, "nothing else", True),
)


def run() -> list[Event]:
    good, bad, skipped = story("good"), story("bad"), story("skipped")
    endings = (
        ScenarioEnded(T1, good, StoryOutcome.PASSED, 0.5, KEPT, (), T0),
        ScenarioEnded(T1, bad, StoryOutcome.FAILED, 0.7, BROKEN, ("expected: it is registered",), T0),
        ScenarioEnded(T0, skipped, StoryOutcome.NOT_PLAYED, 0.0, (), ("its clock is its own",), T0),
    )
    told: list[Event] = [
        RunStarted(T0, (good, bad, skipped), "2.0", 1, "virtual clock", "our own parts", BEGAN, "0.1.0")
    ]
    for number, ending in enumerate(endings, start=1):
        told.append(ScenarioStarted(T0, ending.story, number, 3))
        if ending.outcome is not StoryOutcome.NOT_PLAYED:
            told.extend(HAPPENED)
            told.extend(PromiseJudged(T1, verdict) for verdict in ending.verdicts)
        told.append(ending)
    return [*told, RunEnded(T1, endings, 1.2)]


def test_the_terminal_names_the_broken_promise_the_record_and_the_evidence() -> None:
    out = io.StringIO()
    report = TerminalReport(Console(file=out, width=140))
    for event in run():
        report(event)
    shown = out.getvalue()
    for words in (
        "promise 1 broken",
        "birth K7QX2M (Chanda & Mulenga): waits in silence",
        "no list names it",
        "declares [a birth]",
        "8 days later",
        "seen: status DECLARED",
        "its clock is its own",
        "1 passed, 1 failed, 1 not played",
    ):
        assert words in shown


def test_the_terminal_counts_the_exchanges_of_a_crowd() -> None:
    out = io.StringIO()
    report = TerminalReport(Console(file=out, width=140))
    for event in run():
        for _ in range(75 if isinstance(event, Exchanged) else 1):
            report(event)
    shown = out.getvalue()
    played = shown.count("… and 50 more exchanges")
    assert played > 0
    assert shown.count("asks about REGISTER 202") == 75 * played
    assert shown.count("creates a packet no answer") == 25 * played


def test_quiet_shows_one_line_a_scenario_and_failures_in_full() -> None:
    out = io.StringIO()
    report = TerminalReport(Console(file=out, width=140), tells=False, quiet=True)
    for event in run():
        report(event)
    shown = out.getvalue()
    assert "asks about REGISTER" not in shown
    assert "waits in silence" in shown


def test_junit_counts_and_tells_each_outcome(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    report = JUnitReport(path)
    for event in run():
        report(event)
    suite = ElementTree.parse(path).getroot().find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "0", "1"]
    assert suite.get("timestamp") == "2026-11-28T09:30:00"  # when it was played, not when it plays
    failure = suite.find("testcase[@name='bad']/failure")
    assert failure is not None and failure.text is not None
    assert "promise 1 broken: birth K7QX2M" in failure.text
    assert suite.find("testcase[@name='skipped']/skipped") is not None
    assert suite.find("testcase[@name='good']/failure") is None


def test_ndjson_is_one_event_a_line(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    report = NdjsonReport(path)
    for event in run():
        report(event)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in run()]
    assert lines[-1]["endings"] == {"good": "passed", "bad": "failed", "skipped": "not played"}
    assert lines[0]["at"] == "2026-03-02T08:00:00.000Z"


def test_markdown_has_a_row_a_scenario_and_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    report = MarkdownReport(path)
    for event in run():
        report(event)
    text = path.read_text()
    assert "1 passed, 1 failed, 1 not played" in text
    assert "| ❌ | **bad** The &lt;story> of bad | ❌ | ✅ |" in text
    assert "no list names it" in text


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


@pytest.mark.parametrize("many", [0, 1, 150, 201, 900])
def test_a_diagram_shows_long_runs_shortened_and_says_so(many: int) -> None:
    from scenarios.reports.sequence import diagram

    events: list[Event] = [Told(T0, Actor.BRIDGE, f"step {number}") for number in range(many)]
    drawn = diagram(events)
    gaps = [row for row in drawn.rows if row.kind == "gap"]
    assert len(gaps) == (1 if many > 200 else 0)
    assert all(row.y < drawn.height for row in drawn.rows)
