"""Each seeded defect is convicted by its own story, in its own words, and of no promise that it keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.rendering.defects import convicting
from scenarios.events import StoryOutcome
from scenarios.judging.verdicts import Ruling
from scenarios.reports.result import ResultReport, Standing, Subject
from tests.guilty.defects import DEFECTS, Defect
from tests.guilty.trial import told, tried
from tests.sizes import examples

SOURCES = Path(__file__).with_name("small_bridge").glob("*.py")
USUAL = examples(
    [
        "alg_none_believed",
        "unsigned_deliveries_believed",
        "rejected_without_reason",
        "national_id_in_the_log",
    ],
    [
        "other_subject_believed",
        "memory_instead_of_disk",
        "packet_manager_asked_once",
        "hub_away_ends_it",
        "wrong_time_taken_for_refusal",
    ],
)
"""These are tried each time, the longest on CI; all of them with `--defects`."""


def test_every_defect_of_the_bridge_is_in_the_table() -> None:
    seeded = {name for source in SOURCES for name in re.findall(r'seeded\("(\w+)"\)', source.read_text())}
    assert seeded == {defect.name for defect in DEFECTS}


def chosen(config: pytest.Config) -> list[Defect]:
    return [one for one in DEFECTS if config.getoption("--defects") or one.name in USUAL]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "defect" in metafunc.fixturenames:
        metafunc.parametrize("defect", chosen(metafunc.config), ids=lambda defect: defect.name)


async def test_a_defect_is_convicted_of_itself_and_of_nothing_else(
    defect: Defect, rehearsal_keys: Path
) -> None:
    names = filter(None, (defect.innocent, defect.story))
    results = ResultReport(Subject(part="bridge", product=defect.name), None)
    *innocent, guilty = (await tried(rehearsal_keys, defect, names, results)).endings
    words = told(guilty)
    assert guilty.outcome is StoryOutcome.FAILED, words
    assert defect.says in words
    broken = {verdict.promise.number for verdict in guilty.verdicts if verdict.ruling is Ruling.BROKEN}
    assert broken == defect.promises, words
    assert [told(one) for one in innocent if one.outcome is not StoryOutcome.PASSED] == []
    assert results.result is not None
    asked = [one for one in results.result.requirements if one.standing is Standing.BROKEN]
    assert set(convicting(defect)) <= {one.id for one in asked}, "the page of defects says otherwise"
    assert {look.story for one in asked for look in one.evidence} == {guilty.story.name}, asked
