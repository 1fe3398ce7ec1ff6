"""A country's own folder (BRIDGE_COUNTRY): checked with file, line and field; two that are shipped."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bridge.cli import app
from bridge.country.checking import checked
from bridge.country.folder import COUNTRIES, FARAJALAND, Identification, country_of, faults_of, line_of
from bridge.country.packet_fields import packet_fields
from bridge.country.policy import Policy
from bridge.country.reasons import in_words
from tests.known import vectors
from wire.mosip import schema

BIRTH = vectors("declarations")["birth"]["declaration"]
DEATH = vectors("declarations")["death"]["declaration"]
UGANDA = COUNTRIES / "uganda"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FARAJALAND, tmp_path / "own"))


def changed(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("shipped", sorted(COUNTRIES.iterdir()), ids=lambda path: path.name)
def test_what_is_shipped_is_right_and_makes_packets(shipped: Path) -> None:
    assert faults_of(shipped) == []
    for kind, declaration in (("birth", BIRTH), ("death", DEATH)):
        fields, wrong = checked(shipped, kind, declaration)
        assert wrong == [] and schema.faults(f"CRVS_{'NEW' if kind == 'birth' else 'DEATH'}", fields) == []


FAULTS: list[tuple[str, str, str, str]] = [
    (
        "country.json",
        '"languages": ["eng"]',
        '"languages": ["eng", "lug"]',
        "languages.1: reasons.json has no lug",
    ),
    ("country.json", '"languages": ["eng"]', '"languages": []', "languages: "),
    ("country.json", '"languages"', '"langauges"', "langauges: Extra"),
    ("country.json", '"child_under_months": null', '"child_under_months": 0', "child_under_months: "),
    ("country.json", '"suffix": ""', '"suffix": "@nin"', "identification: only a HANDLE"),
    ("country.json", '"type": null', '"type": "NIN"', "identification.type: "),
    ("country.json", "%Y/%m/%d", "%d/%m", "identification.dates: year, month and day"),
    ("country.json", '["firstname", ', '["forename", ', "identification.names.0: "),
    ("country.json", '"child_under_months": null,', '"child_under_months": null,,', "line 4"),
    (
        "packet_fields.json",
        '"to": "fullName"',
        '"to": "fullname"',
        "birth.fields.1.to: the ID schema has no such",
    ),
    ("packet_fields.json", '"codes": "gender"', '"codes": "sex"', "no table is called 'sex'"),
    ("packet_fields.json", '"as": "name"', '"as": "nom"', "birth.fields.1.as: "),
    ("packet_fields.json", '"person": "introducer"', '"person": "aunt"', "no person is called aunt"),
    ("packet_fields.json", '"process": "CRVS_UPDATE"', '"process": "CRVS_NEW"', "update"),
    ("packet_fields.json", '"from": ["child.dob"]', '"form": ["child.dob"]', "birth.fields.2."),
    ("reasons.json", '"*": ', '"any": ', "eng: a sentence for *"),
    ("reasons.json", "({code})", "({kode})", "eng: a sentence for *"),
]


@pytest.mark.parametrize(("file", "old", "new", "due"), FAULTS)
def test_a_fault_is_told_with_file_line_and_field(
    folder: Path, file: str, old: str, new: str, due: str
) -> None:
    changed(folder, file, old, new)
    told = faults_of(folder)
    assert any(due in line and line.startswith(f"{folder / file}:") for line in told), told
    if ".fields." in due:
        wanted = next(
            number for number, line in enumerate((folder / file).read_text().splitlines(), 1) if new in line
        )
        assert any(line.startswith(f"{folder / file}:{wanted}:") for line in told)


@pytest.mark.parametrize("file", ["country.json", "packet_fields.json", "reasons.json"])
def test_a_file_that_lacks_is_told(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert faults_of(folder) == [f"{folder / file}: cannot be read (FileNotFoundError)"]


def test_a_mandatory_field_that_nothing_fills_is_told(folder: Path) -> None:
    mapping: dict[str, Any] = json.loads((folder / "packet_fields.json").read_text())
    mapping["birth"]["fields"] = [rule for rule in mapping["birth"]["fields"] if rule["to"] != "gender"]
    (folder / "packet_fields.json").write_text(json.dumps(mapping))
    assert any("demands gender of a packet CRVS_NEW" in line for line in faults_of(folder))


@pytest.mark.parametrize(
    ("field", "line"),
    [((), 1), (("a",), 2), (("b", 1, "c"), 5), (("b", 1, "none"), 4), (("e",), 7)],
)
def test_line_of_a_field(field: tuple[str | int, ...], line: int) -> None:
    text = '{\n  "a": "x,{",\n  "b": [{"c": 1},\n   {\n    "c": [1, 2], "d": "\\""}\n  ],\n  "e": true\n}'
    assert line_of(text, field) == line


def test_one_more_language_and_three_changed_fields(folder: Path) -> None:
    """A country that nobody has met: what the how-to shows."""
    changed(folder, "country.json", '["eng"]', '["eng", "tpi"]')
    reasons: dict[str, Any] = json.loads((folder / "reasons.json").read_text())
    reasons["tpi"] = {"*": "Nasenel ID i no orait ({code})."}
    (folder / "reasons.json").write_text(json.dumps(reasons))
    changed(folder, "packet_fields.json", '"else": "Not stated"', '"else": "Nowhere"')
    changed(folder, "packet_fields.json", '"male": "Male"', '"male": "M"')
    changed(
        folder, "packet_fields.json", '["firstname", "middlename", "surname"]', '["surname", "firstname"]'
    )
    assert faults_of(folder) == []
    fields = packet_fields("birth", BIRTH | {"child.gender": "male"}, number="N", country=folder)
    name = BIRTH["child.name"]
    assert json.loads(fields["gender"])[0]["value"] == "M"
    assert json.loads(fields["fullName"])[0]["value"] == f"{name['surname']} {name['firstname']}"
    assert in_words("X-1", folder).endswith(" / Nasenel ID i no orait (X-1).")


def test_ugandas_ways() -> None:
    ways = country_of(UGANDA).identification
    assert (ways.type, ways.number("CM8200X"), ways.date("2026-03-02")) == (
        "HANDLE",
        "cm8200x@nin",
        "02/03/2026",
    )
    stock = Identification()
    assert (stock.type, stock.number("4238670978"), stock.date("2026-03-02")) == (
        None,
        "4238670978",
        "2026/03/02",
    )
    assert " / Mfumo wa kitambulisho" in in_words("RPR-DDP-FAILED-002", UGANDA)
    fields = packet_fields("birth", BIRTH | {"child.gender": "male"}, number="N", country=UGANDA)
    assert json.loads(fields["gender"])[0]["value"] == "MLE"
    assert json.loads(fields["fullName"])[0]["value"].startswith(BIRTH["child.name"]["surname"])


@pytest.mark.parametrize(
    ("born", "sent"),
    [("2026-01-02", True), ("2025-06-03", True), ("2025-06-02", False), ("2024-01-01", False)],
)
def test_a_child_older_than_nine_months_is_not_sent(born: str, sent: bool) -> None:
    policy = Policy(country=UGANDA)
    why_not = policy.why_not_forwarded("birth", {"child.dob": born}, date(2026, 3, 2))
    assert (why_not is None) is sent


def test_the_command_shows_the_packet_and_what_the_schema_says(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "birth.json"
    given.write_text(json.dumps(BIRTH))
    ran = CliRunner().invoke(app, ["country", "check", str(folder), "--declaration", str(given)])
    assert (
        ran.exit_code == 0
        and '"birthCertificateNumber"' in ran.output
        and "the ID schema takes it" in ran.output
    )
    given.write_text(json.dumps(BIRTH | {"child.dob": "31.12.2025"}))
    ran = CliRunner().invoke(app, ["country", "check", str(folder), "--declaration", str(given)])
    assert ran.exit_code == 1 and "child.dob" in ran.output
    changed(folder, "country.json", '"languages": ["eng"]', '"languages": ["eng", "lug"]')
    ran = CliRunner().invoke(app, ["country", "check", str(folder)])
    assert ran.exit_code == 1 and "country.json:3: languages.1" in ran.output
