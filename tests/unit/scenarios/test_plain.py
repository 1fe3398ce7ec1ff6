"""The events of a run as NDJSON."""

from __future__ import annotations

import json
from pathlib import Path

from scenarios.reports.plain import NdjsonReport
from tests.unit.scenarios.played import run


def test_ndjson_is_one_event_a_line(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    report = NdjsonReport(path)
    for event in run():
        report(event)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in run()]
    assert lines[-1]["endings"] == {"good": "passed", "bad": "failed", "skipped": "not played"}
    assert lines[0]["at"] == "2026-03-02T08:00:00.000Z"
