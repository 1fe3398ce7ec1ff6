"""A country's own folder (BRIDGE_COUNTRY): checked with file, line and field; two that are shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.country import COUNTRIES
from bridge.country.faults import checked, faults_of, lacking_fields, line_of
from bridge.country.folder import Identification, country_of
from bridge.country.packet_fields import packet_fields
from bridge.country.reasons import in_words
from tests.unit.bridge.countries import BIRTH, changed
from wire.mosip import schema

UGANDA = COUNTRIES / "uganda"


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
    ("country.json", '"child_under_months": null,', '"child_under_months": null,,', "4: the file: no JSON"),
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
    (
        "policy.json",
        '"REGISTER": {"identity": true},',
        '"REGSITER": {"identity": true},',
        "no action 'REGSITER'",
    ),
    (
        "policy.json",
        '"REGISTER": {"identity"',
        '"DECLARE": {"identity"',
        "birth.DECLARE.identity: an identity is made",
    ),
    ("policy.json", '{"identity": true},', '{"verify": {"mother": "maybe"}},', "REGISTER.verify.mother: "),
    (
        "policy.json",
        '{"identity": true},',
        '{"verify": {"the mother": "may"}},',
        "REGISTER.verify.the mother",
    ),
    (
        "policy.json",
        '"REGISTER": {"id',
        '"REGISTER": {"application": true, "id',
        "application: packet_fields",
    ),
    (
        "policy.json",
        '"APPROVE_CORRECTION": {',
        '"APPROVE_CORRECTION": {"application": true, ',
        "goes with the ide",
    ),
    ("policy.json", '"then": "person"', '"then": "wait"', "without_verdict.then: "),
    ("policy.json", '"after_hours": 72', '"after_hours": 0', "without_verdict.after_hours: "),
    ("policy.json", '"death": {', '"marriage": {', "packet_fields.json has no mapping for marriage"),
    ("reasons.json", '"*": ', '"any": ', "eng.*: a sentence for *"),
    ("packet_fields.json", '["child.dob"]', "[]", "birth.fields.2.from: a field is due"),
    ("packet_fields.json", '["$number"]', '["$nubmer"]', "birth.fields.4.from.0: $nubmer is none of"),
    ("packet_fields.json", '"to": "email"', '"to": "phone"', "to: phone is filled twice"),
    ("packet_fields.json", "CRVS_NEW", "CRVS_NEWW", "birth.process: a mapping birth is of"),
    ("policy.json", '"REGISTER": {"id', '"CUSTOM.": {"id', "birth.CUSTOM.: OpenCRVS asks about no"),
    ("reasons.json", "({code})", "({kode})", "eng.*: a sentence for *"),
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


TEXTS = [
    ("\ufeff{}", "1: the file: it begins with a byte order mark"),
    ("", "1: the file: no JSON"),
    ("[]", "1: the file: "),
    ('{\r\n "about": "a",\r\n "about": "b"}', "3: about: it is there twice"),
    (
        '{"identification": {"type": null, "names": ["surname"],\n"type": "UIN"}}',
        "2: identification.type",
    ),
    ('{"about": "\\u0000"}', "a text holds U+0000"),
    ('{"about": "\\ud800"}', "a text holds U+0000 or half"),
    ("[" * 100_000, "1: the file: more than 32 levels"),
    ('{"about": "' + "x" * 5_000_000 + '"}', "larger than 4 MiB"),
    ('{"languages": ["eng",\n"swa",\n"eng"]}', "3: languages.2: eng is there twice"),
    ('{"languages": ["eng", "English"]}', "1: languages.1: "),
    ('{"child_under_months": "9"}', "1: child_under_months: "),
    ('{"child_under_months": true}', "1: child_under_months: "),
    ('{"identification": {"lower_case": 1}}', "1: identification.lower_case: "),
]


@pytest.mark.parametrize(("text", "due"), TEXTS, ids=[due for _, due in TEXTS])
def test_an_odd_file_is_told_in_one_line(folder: Path, text: str, due: str) -> None:
    (folder / "country.json").write_bytes(text.encode())
    [told] = faults_of(folder)
    assert due in told and told.startswith(f"{folder / 'country.json'}:") and "\n" not in told


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "country.json").write_bytes(b'{"about": "caf\xe9"}')
    assert faults_of(folder) == [f"{folder / 'country.json'}: cannot be read (UnicodeDecodeError)"]


def test_lines_may_end_as_windows_ends_them(folder: Path) -> None:
    for file in folder.glob("*.json"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert faults_of(folder) == []


def test_a_folder_that_is_not_there_is_told_once(folder: Path) -> None:
    assert faults_of(folder / "nope") == [f"{folder / 'nope'}: no such folder"]


@pytest.mark.parametrize("file", ["country.json", "packet_fields.json", "reasons.json"])
def test_a_file_that_lacks_is_told(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert faults_of(folder) == [f"{folder / file}: cannot be read (FileNotFoundError)"]


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


OWN = {"fieldCategory": "kyc", "fieldType": "default", "type": "string"}


def own_schema(folder: Path, **more: Any) -> Path:
    known = json.loads(schema.text())
    known["properties"]["identity"]["properties"] |= more
    file = folder / "id_schema.json"
    file.write_text(json.dumps(known, indent=1))
    return file


def test_the_countrys_own_id_schema_decides_what_a_packet_may_hold(folder: Path) -> None:
    changed(folder, "packet_fields.json", '"to": "email"', '"to": "clan"')
    assert any("the ID schema has no such field" in line for line in faults_of(folder))
    rule = {"type": "regex", "validator": "^[a-z]{3,8}$"}
    own_schema(folder, clan=OWN | {"validators": [rule]})
    assert faults_of(folder) == []
    fields, wrong = checked(folder, "birth", BIRTH | {"informant.email": "mamba"})
    assert fields["clan"] == "mamba" and wrong == []
    fields, wrong = checked(folder, "birth", BIRTH)
    assert "clan" not in fields and wrong == ["clan: left out, the ID schema refuses the value"]


@pytest.mark.parametrize(
    ("file", "text", "due"),
    [
        ("id_schema.json", '{\n "properties": {}}', "2: properties.identity: Field required"),
        (
            "id_schema.json",
            '{"properties": {"identity": {"properties": {"a": {}}}}}',
            "IDSchemaVersion is due",
        ),
        ("id_schema.json", "{", "1: "),
        (
            "contexts.json",
            '{\n "https://x.example/1": {}}',
            "2: https://x.example/1.@context: ",
        ),
        ("contexts.json", '{"ftp://x": {"@context": {}}}', "ftp://x"),
        ("polcy.json", "{}", "no file of a country is called so"),
    ],
)
def test_a_fault_of_a_file_that_may_be_there_is_told(folder: Path, file: str, text: str, due: str) -> None:
    (folder / file).write_text(text)
    told = faults_of(folder)
    assert any(line.startswith(str(folder / file)) and due in line for line in told), told


@pytest.mark.parametrize(
    ("forms", "due"),
    [
        ({"birth": ["mother.verified", "father.verified", "informant.verified"]}, ["death.REGISTER.verify"]),
        (
            {"death": ["informant.verified"], "birth": ["father.verified", "informant.verified"]},
            ["mother"] * 3,
        ),
    ],
)
def test_fields_that_the_forms_lack(forms: dict[str, list[str]], due: list[str]) -> None:
    told = list(lacking_fields(UGANDA, forms))
    assert len(told) == len(due) and all(each in line for each, line in zip(due, told, strict=True))
    assert all(line.startswith(f"{UGANDA / 'policy.json'}:") and "has no field" in line for line in told)
