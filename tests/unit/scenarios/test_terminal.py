"""What a person reads at the terminal of a run with every kind of event and every outcome."""

from __future__ import annotations

import io

from rich.console import Console

from scenarios.events import (
    Exchanged,
)
from scenarios.reports.terminal import TerminalReport
from tests.unit.scenarios.played import run


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


def test_a_story_tells_the_same_exchange_three_times_and_counts_the_others() -> None:
    out = io.StringIO()
    report = TerminalReport(Console(file=out, width=140))
    for event in run():
        for _ in range(75 if isinstance(event, Exchanged) else 1):
            report(event)
    shown = out.getvalue()
    played = shown.count("… and 144 more exchanges like these")
    assert played > 0
    assert shown.count("asks about REGISTER 202") == 3 * played
    assert shown.count("creates a packet no answer") == 3 * played


def test_quiet_shows_one_line_a_scenario_and_failures_in_full() -> None:
    out = io.StringIO()
    report = TerminalReport(Console(file=out, width=140), tells=False, quiet=True)
    for event in run():
        report(event)
    shown = out.getvalue()
    assert "asks about REGISTER" not in shown
    assert "waits in silence" in shown
