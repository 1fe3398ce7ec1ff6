"""The result of a run: what each requirement came to, and that others can check it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from docs.generate import FOLDER
from scenarios.cli.app import app
from scenarios.engine import Engine, Options
from scenarios.events import Checked, Exchanged
from scenarios.judging.verdicts import Ruling, Verdict
from scenarios.library import choose
from scenarios.reports.html import HtmlReport
from scenarios.reports.plain import NdjsonReport
from scenarios.reports.result import (
    Part,
    RequirementResult,
    Result,
    ResultReport,
    Standing,
    read_result,
)
from scenarios.reports.signing import NotGenuine, signing_key
from scenarios.stage.setup import opener
from tests.unit.scenarios.played import KEPT, T1, run
from tests.unit.scenarios.results import RUNNER, SUBJECT, changed, result, told

LOOK = "the record is registered"


def schema(name: str) -> Draft202012Validator:
    found = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def found(one: Result, name: str) -> RequirementResult:
    return next(row for row in one.requirements if row.id == name)


def test_what_was_looked_at_is_met_and_the_rest_says_why_not(tmp_path: Path) -> None:
    path, one = result(tmp_path, told())
    schema("result").validate(json.loads(path.read_text(encoding="utf-8")))
    met = found(one, "OCRVS-ACC-23")
    assert (met.standing, met.evidence[0].story, met.evidence[0].check) == (Standing.MET, "good", LOOK)
    unseen = found(one, "MOSIP-HUB-12")
    assert unseen.standing is Standing.NOT_OBSERVED
    assert unseen.why == "killed_after_delivery was not played"
    assert "lease" in found(one, "MOSIP-HUB-21").must and found(one, "MOSIP-HUB-21").why
    assert one.plan and one.kit and {row.owes for row in one.requirements} == {"bridge", "country-server"}


def test_one_look_that_fails_breaks_it_with_what_was_seen(tmp_path: Path) -> None:
    events = told(met=False)
    events.insert(
        events.index(next(e for e in events if isinstance(e, Checked))),
        Checked(T1, LOOK, True, "", ("OCRVS-ACC-23",)),
    )
    _, one = result(tmp_path, events)
    broken = found(one, "OCRVS-ACC-23")
    assert (broken.standing, [look.seen for look in broken.evidence]) == (Standing.BROKEN, ["it waits"])
    assert one.failed


@pytest.mark.parametrize(
    ("ruling", "looked_at", "of_own", "of_hub"),
    [
        (Ruling.KEPT, "1 record", Standing.MET, Standing.NOT_OBSERVED),
        (Ruling.KEPT, "0 records", Standing.NOT_OBSERVED, Standing.NOT_OBSERVED),
        (Ruling.NOT_JUDGED, "no log", Standing.NOT_OBSERVED, Standing.NOT_OBSERVED),
        (Ruling.BROKEN, "1 record", Standing.BROKEN, Standing.BROKEN),
    ],
)
def test_a_promise_that_nobody_tempted_shows_nothing(
    ruling: Ruling, looked_at: str, of_own: Standing, of_hub: Standing, tmp_path: Path
) -> None:
    verdicts = tuple(Verdict(one.promise, ruling, looked_at) for one in KEPT)
    _, one = result(tmp_path, told(True, verdicts))
    assert found(one, "FIELD-OWN-01").standing is of_own
    assert found(one, "MOSIP-HUB-11").standing is of_hub, "stories look at forgeries on purpose"


@pytest.mark.parametrize(
    ("idle", "gone"),
    [("accept", "OCRVS-ACC-23"), ("packet.create", "MOSIP-DTH-05")],
    ids=["it confirms nothing", "it asks no ID system"],
)
@pytest.mark.parametrize("met", [True, False])
def test_who_does_nothing_keeps_no_rule_of_doing_it(idle: str, gone: str, met: bool, tmp_path: Path) -> None:
    events = told(met, KEPT, "MOSIP-DTH-05")
    acting = Standing.MET if met else Standing.BROKEN
    assert found(result(tmp_path, events)[1], gone).standing is acting
    events = [one for one in events if not (isinstance(one, Exchanged) and one.operation.endswith(idle))]
    passive = Standing.NOT_OBSERVED if met else Standing.BROKEN
    assert found(result(tmp_path, events)[1], gone).standing is passive


@pytest.mark.parametrize(("part", "owes"), [("id-system", {"id-system"}), ("opencrvs", {"opencrvs"})])
def test_a_part_answers_for_what_it_owes(part: Part, owes: set[str], tmp_path: Path) -> None:
    _, one = result(tmp_path, told(), part)
    assert {row.owes for row in one.requirements} == owes


def unsigned(document: dict[str, Any]) -> None:
    document["signature"] = ""


def of_another(document: dict[str, Any]) -> None:
    header, _, value = document["signature"].split(".")
    document["signature"] = f"{header}..{value[::-1]}"


def attached(document: dict[str, Any]) -> None:
    document["signature"] = document["signature"].replace("..", ".e30.")


def without_algorithm(document: dict[str, Any]) -> None:
    document["signature"] = "eyJhbGciOiJub25lIiwiandrIjp7Imt0eSI6Ik9LUCJ9fQ.."


def more(document: dict[str, Any]) -> None:
    document["approved"] = "by everybody"


def less(document: dict[str, Any]) -> None:
    del document["plan"]


@pytest.mark.parametrize("harm", [changed, unsigned, of_another, attached, without_algorithm, more, less])
def test_what_was_not_signed_so_is_refused(harm: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    path, _ = result(tmp_path, told())
    document = json.loads(path.read_text(encoding="utf-8"))
    harm(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(NotGenuine):
        read_result(path)
    for words in (["verify", "--check", str(path)], ["compare", str(path), str(path)]):
        ended = RUNNER.invoke(app, words)
        assert ended.exit_code == 1 and str(path) in ended.stderr, ended.output


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"requirements": ' + "[" * 5000, "NaN"])
def test_what_is_no_result_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotGenuine):
        read_result(tmp_path / "x.json")


def test_written_in_another_way_it_is_the_same_document(tmp_path: Path) -> None:
    path, one = result(tmp_path, told())
    path.write_text(
        json.dumps(json.loads(path.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8"
    )
    again, signer = read_result(path)
    assert (again, signer) == (one, one.signer)


async def test_the_evidence_is_the_file_of_events_and_each_line_has_its_form(
    tmp_path: Path, rehearsal_keys: Path
) -> None:
    report = ResultReport(SUBJECT, signing_key(tmp_path / "keys"), tmp_path / "r.json", tmp_path / "b.svg")
    events = tmp_path / "run.ndjson"
    engine = Engine(opener(rehearsal_keys), Options(), [report, NdjsonReport(events)])
    await engine.run(choose(["sync_success", "forged_callbacks", "secret_rotated"]))
    lines = events.read_text(encoding="utf-8").splitlines()
    form = schema("events")
    for line in [*lines, *_synthetic(tmp_path)]:
        form.validate(json.loads(line))
    assert json.loads(lines[0])["plan"] == read_result(tmp_path / "r.json")[0].plan
    good = RUNNER.invoke(app, ["verify", "--check", str(tmp_path / "r.json"), "--evidence", str(events)])
    assert good.exit_code == 0, good.output
    events.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    bad = RUNNER.invoke(app, ["verify", "--check", str(tmp_path / "r.json"), "--evidence", str(events)])
    assert bad.exit_code == 1 and "was not made of" in bad.stderr


def _synthetic(folder: Path) -> list[str]:
    path = folder / "synthetic.ndjson"
    report = NdjsonReport(path)
    for event in run():
        report(event)
    return path.read_text(encoding="utf-8").splitlines()


def test_a_file_that_is_not_there_is_2(tmp_path: Path) -> None:
    for words in (["verify", "--check", "none.json"], ["compare", "none.json", "none.json"]):
        assert _status(words) == 2
    path, _ = result(tmp_path, told())
    assert _status(["verify", "--check", str(path), "--evidence", str(tmp_path / "none")]) == 2
    assert _status(["compare", str(path)]) == 2


def _status(words: list[str]) -> int:
    ended = RUNNER.invoke(app, words)
    return ended.exit_code


def test_the_page_begins_with_the_certificate(tmp_path: Path) -> None:
    results = ResultReport(SUBJECT, signing_key(tmp_path / "keys"), tmp_path / "r.json")
    page = HtmlReport(tmp_path / "r.html", results)
    for event in told(met=False):
        results(event)
        page(event)
    first = (tmp_path / "r.html").read_text(encoding="utf-8").partition("Rehearsal report</h1>")[0]
    assert results.result is not None
    for words in (
        "a &lt;bridge&gt; 1.0",
        "OCRVS-ACC-23",
        results.result.signer,
        results.result.evidence.digest,
    ):
        assert words in first
