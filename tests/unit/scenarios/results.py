"""Results of runs, as they are written and read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from scenarios.events import Checked, Event, Exchanged, ScenarioEnded
from scenarios.judging.verdicts import Verdict
from scenarios.reports.result import (
    Part,
    Result,
    ResultReport,
    Subject,
    read_result,
)
from scenarios.reports.signing import signing_key
from scenarios.story import Actor
from tests.unit.scenarios.played import KEPT, T1, run

RUNNER = CliRunner()
LOOK = "the record is registered"
SUBJECT = Subject(part="bridge", product="a <bridge> 1.0", addresses=["http://127.0.0.1:3040"])


ACCEPTED = Exchanged(T1, Actor.BRIDGE, Actor.OPENCRVS, "event.actions.register.accept", 200)


def told(met: bool = True, verdicts: tuple[Verdict, ...] = KEPT, *extra: str) -> list[Event]:
    """A run whose story looks at one requirement, and at others in passing."""
    events: list[Event] = []
    for event in run():
        if isinstance(event, ScenarioEnded) and event.story.name == "good":
            events += [ACCEPTED, Checked(T1, LOOK, met, "" if met else "it waits", ("OCRVS-ACC-23", *extra))]
            event = replace(event, verdicts=verdicts)
        if not isinstance(event, ScenarioEnded) or event.story.name != "bad":
            events.append(event)
    return events


def result(folder: Path, events: list[Event], part: Part = "bridge") -> tuple[Path, Result]:
    path = folder / "result.json"
    report = ResultReport(SUBJECT.model_copy(update={"part": part}), signing_key(folder / "keys"), path)
    for event in events:
        report(event)
    return path, read_result(path)[0]


def changed(document: dict[str, Any]) -> None:
    document["requirements"][0]["standing"] = "met"
