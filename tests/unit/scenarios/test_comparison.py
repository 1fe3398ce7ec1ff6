"""Results side by side: what changed, and a matrix of many."""

from __future__ import annotations

from pathlib import Path

from scenarios.cli.app import app
from scenarios.reports.comparison import matrix_html, matrix_markdown
from tests.unit.scenarios.played import KEPT
from tests.unit.scenarios.results import RUNNER, result, told

LOOK = "the record is registered"


def test_what_changed_is_said_and_what_is_worse_is_1(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    good, _ = result(tmp_path / "a", told(True, KEPT, "OCRVS-ACC-24"))
    bad, _ = result(tmp_path / "b", told(met=False))
    same = RUNNER.invoke(app, ["compare", str(good), str(good)])
    assert (same.exit_code, "Nothing changed." in same.stdout) == (0, True)
    worse = RUNNER.invoke(app, ["compare", str(good), str(bad)])
    assert worse.exit_code == 1
    assert "✘ OCRVS-ACC-23: met → broken." in worse.stdout and "good: it waits" in worse.stdout
    assert "· OCRVS-ACC-24: met → not observed." in worse.stdout
    better = RUNNER.invoke(app, ["compare", str(bad), str(good)])
    assert (better.exit_code, "· OCRVS-ACC-23: broken → met." in better.stdout) == (0, True)


def test_a_matrix_has_a_row_for_each_requirement_and_a_column_for_each_result(tmp_path: Path) -> None:
    _, good = result(tmp_path, told())
    _, bad = result(tmp_path, told(met=False))
    text = matrix_markdown([good, bad, good])
    assert "| **broken** | **0** | **1** | **0** |" in text
    (row,) = [line for line in text.splitlines() if "`OCRVS-ACC-23`" in line]
    assert row.endswith("| ✔ | ✘ | ✔ |")
    shown = matrix_html([good, bad])
    assert shown.count("<tr>") == len(good.requirements) + 1
    assert "good: it waits" in shown and "a &lt;bridge&gt; 1.0" in shown
