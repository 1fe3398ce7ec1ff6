"""Right-to-left words in a line that is read from left to right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from scenarios.events import (
    Event,
    Exchanged,
    Listener,
    PromiseJudged,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    StoryOutcome,
    Told,
)
from scenarios.judging.verdicts import PROMISES, Breach, Ruling, Verdict
from scenarios.reports.html import HtmlReport
from scenarios.reports.isolation import isolated
from scenarios.reports.junit import JUnitReport
from scenarios.reports.markdown import MarkdownReport
from scenarios.reports.terminal import TerminalReport
from scenarios.story import Actor
from tests.unit.scenarios.played import BEGAN, T0, story

NAME = "فاطمة بن علي"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("registers the birth of Apio Siame (7TU4DJ)", "registers the birth of Apio Siame (7TU4DJ)"),
        (f"the birth of {NAME} (7TU4DJ)", f"the birth of \u2068{NAME}\u2069 (7TU4DJ)"),
        (f"{NAME}, {NAME}: 2", f"\u2068{NAME}\u2069, \u2068{NAME}\u2069: 2"),
        ("של", "\u2068של\u2069"),
        ("Ṣālote Šćepan 王伟 ʻOfa", "Ṣālote Šćepan 王伟 ʻOfa"),
        ("", ""),
    ],
)
def test_they_stand_apart(text: str, shown: str) -> None:
    assert isolated(text) == shown


def run() -> list[Event]:
    one = story("one")
    finding = Breach(f"birth 7TU4DJ ({NAME})", "waits in silence", ())
    verdict = Verdict(PROMISES[0], Ruling.BROKEN, "1 answered 202", (finding,))
    ended = ScenarioEnded(
        T0, one, StoryOutcome.FAILED, 0.5, (verdict,), (f"expected: {NAME} (7TU4DJ) waits",), T0
    )
    body = f'{{"name": "{NAME}"}}'
    return [
        RunStarted(T0, (one,), "2.0", 1, "virtual clock", "our own parts", BEGAN, "0.1.0"),
        ScenarioStarted(T0, one, 1, 1),
        Told(T0, Actor.REGISTRAR, f"declares the birth of {NAME} (7TU4DJ)"),
        Exchanged(T0, Actor.OPENCRVS, Actor.BRIDGE, "asks about REGISTER", 202, "POST /x", body, ""),
        PromiseJudged(T0, verdict),
        ended,
        RunEnded(T0, (ended,), 0.5),
    ]


def terminal(path: Path) -> Listener:
    return TerminalReport(Console(file=path.open("w", encoding="utf-8"), width=140))


@pytest.mark.parametrize("report", [terminal, HtmlReport, JUnitReport, MarkdownReport])
def test_every_report_for_people_sets_them_apart(report: Callable[[Path], Listener], tmp_path: Path) -> None:
    written = tmp_path / "report"
    listener = report(written)
    for event in run():
        listener(event)
    del listener
    shown = written.read_text("utf-8")
    shown = "".join(ElementTree.fromstring(shown).itertext()) if report is JUnitReport else shown
    assert f"\u2068{NAME}\u2069 (7TU4DJ)" in shown
    lines = [
        line for line in shown.splitlines() if NAME in line and '"name"' not in line and "&#34;" not in line
    ]
    assert lines and all(f"\u2068{NAME}\u2069" in line for line in lines)


def test_a_body_of_the_wire_can_be_copied(tmp_path: Path) -> None:
    listener = HtmlReport(tmp_path / "report.html")
    for event in run():
        listener(event)
    assert f"&#34;name&#34;: &#34;{NAME}&#34;" in (tmp_path / "report.html").read_text("utf-8")
