"""What a CI server reads."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from scenarios.reports.junit import JUnitReport
from tests.unit.scenarios.played import run


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
