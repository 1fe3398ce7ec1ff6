"""The result of a run: what each requirement came to, and that others can check it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jwt
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption as Locked
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jwt.algorithms import RSAAlgorithm
from typer.testing import CliRunner

from docs.generate import FOLDER
from scenarios.cli.app import app
from scenarios.engine import Engine, Options
from scenarios.events import Actor, Checked, Event, Exchanged, ScenarioEnded
from scenarios.judging.verdicts import Ruling, Verdict
from scenarios.library import choose
from scenarios.reports.badge import badge
from scenarios.reports.comparison import matrix_html, matrix_markdown
from scenarios.reports.html import HtmlReport
from scenarios.reports.plain import NdjsonReport
from scenarios.reports.result import (
    Part,
    RequirementResult,
    Result,
    ResultReport,
    Standing,
    Subject,
    read_result,
)
from scenarios.reports.signing import NotGenuine, signature, signer_of, signing_key
from scenarios.stage.setup import opener
from tests.unit.scenarios.played import KEPT, T1, run

RUNNER = CliRunner()
LOOK = "the record is registered"
SUBJECT = Subject(part="bridge", product="a <bridge> 1.0", addresses=["http://127.0.0.1:3040"])


def schema(name: str) -> Draft202012Validator:
    found = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


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


def changed(document: dict[str, Any]) -> None:
    document["requirements"][0]["standing"] = "met"


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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
jwks = st.fixed_dictionaries(
    {"kty": st.sampled_from(["OKP", "RSA", "oct", "EC"]) | json_values},
    optional=dict.fromkeys(("crv", "x", "n", "e", "d", "k"), json_values),
)


@given(json_values | jwks, json_values)
def test_no_signature_of_anybody_breaks_the_reader(jwk: Any, algorithm: Any) -> None:
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "jwk": jwk}).encode()).decode().rstrip("=")
    )
    for signed in (f"{header}..AAAA", header, f"{header}.."):
        with pytest.raises(NotGenuine):
            signer_of({"a": 1}, signed)


def test_a_private_key_in_the_header_is_read_as_its_public_one() -> None:
    key = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(RSAAlgorithm.to_jwk(key))
    payload = rfc8785.dumps({"a": 1})
    header, _, value = jwt.api_jws.encode(payload, key, "RS256", {"jwk": jwk}).split(".")
    assert signer_of({"a": 1}, f"{header}..{value}") == signer_of({"a": 1}, signature({"a": 1}, key))


def pem(key: Any, how: Any = None) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how or NoEncryption()))


def test_the_key_is_made_once_and_may_be_given(tmp_path: Path) -> None:
    first, again = (signing_key(tmp_path / "keys") for _ in range(2))
    assert pem(first) == pem(again)
    assert (tmp_path / "keys" / "verifier.key.pem").stat().st_mode & 0o077 == 0
    own = tmp_path / "own.pem"
    own.write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    words = [
        "run",
        "sync_success",
        "--quiet",
        "--result",
        str(tmp_path / "r.json"),
        "--signing-key",
        str(own),
    ]
    assert RUNNER.invoke(app, [*words, "--keys", str(tmp_path / "keys")]).exit_code == 0
    header = read_result(tmp_path / "r.json")[0].signature.partition(".")[0]
    assert header != result(tmp_path, told())[1].signature.partition(".")[0]


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, 2048), Locked(b"secret")),
        None,
    ],
    ids=["no key", "another kind", "with a password", "not there"],
)
def test_a_key_that_cannot_be_used_is_said_before_anything_is_played(
    content: bytes | None, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    if content is not None:
        own.write_bytes(content)
    words = ["run", "sync_success", "--result", str(tmp_path / "r.json"), "--signing-key", str(own)]
    ended = RUNNER.invoke(app, [*words, "--keys", str(tmp_path / "keys")], env={"COLUMNS": "200"})
    assert (ended.exit_code, "--signing-key" in ended.stderr) == (2, True), ended.output
    assert "passed" not in ended.stdout


async def test_the_evidence_is_the_file_of_events_and_each_line_has_its_form(tmp_path: Path) -> None:
    report = ResultReport(SUBJECT, signing_key(tmp_path / "keys"), tmp_path / "r.json", tmp_path / "b.svg")
    events = tmp_path / "run.ndjson"
    engine = Engine(opener(tmp_path / "keys"), Options(), [report, NdjsonReport(events)])
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


def test_another_key_can_be_kept_out(tmp_path: Path) -> None:
    path, one = result(tmp_path, told())
    words = ["verify", "--check", str(path), "--signed-by"]
    assert RUNNER.invoke(app, [*words, one.signer]).exit_code == 0
    ended = RUNNER.invoke(app, [*words, "somebody-else"])
    assert (ended.exit_code, one.signer in ended.stderr) == (1, True)


def test_a_file_that_is_not_there_is_2(tmp_path: Path) -> None:
    for words in (["verify", "--check", "none.json"], ["compare", "none.json", "none.json"]):
        assert _status(words) == 2
    path, _ = result(tmp_path, told())
    assert _status(["verify", "--check", str(path), "--evidence", str(tmp_path / "none")]) == 2
    assert _status(["compare", str(path)]) == 2


def _status(words: list[str]) -> int:
    ended = RUNNER.invoke(app, words)
    return ended.exit_code


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


@pytest.mark.parametrize(
    ("counts", "words", "colour"),
    [
        ((40, 0, 2), "40 of 42 met", "#17703a"),
        ((40, 1, 1), "1 broken, 40 of 42 met", "#b3261e"),
        ((0, 0, 9), "0 of 9 met", "#5a6675"),
    ],
)
def test_a_badge_says_of_how_many_it_speaks(counts: tuple[int, int, int], words: str, colour: str) -> None:
    drawn = badge("2.0", *counts)
    root = ElementTree.fromstring(drawn)
    assert words in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert colour in drawn


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
