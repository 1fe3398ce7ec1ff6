"""A run as the summary of a merge request."""

from __future__ import annotations

from pathlib import Path

from scenarios.reports.markdown import MarkdownReport
from tests.unit.scenarios.played import run


def test_markdown_has_a_row_a_scenario_and_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    report = MarkdownReport(path)
    for event in run():
        report(event)
    text = path.read_text()
    assert "1 passed, 1 failed, 1 not played" in text
    assert "| ❌ | **bad** The &lt;story> of bad | ❌ | ✅ |" in text
    assert "no list names it" in text
