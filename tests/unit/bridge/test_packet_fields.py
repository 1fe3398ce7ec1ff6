"""From declarations to packets that MOSIP's validator lets through."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.country.packet_fields import (
    NotMappable,
    Unfit,
    full_name,
    left_out,
    notification,
    packet_fields,
    process_of,
)
from tests.known import vectors
from wire.mosip import schema

BIRTH = vectors("declarations")["birth"]["declaration"]
DEATH = vectors("declarations")["death"]["declaration"]
MANDATORY = (
    "IDSchemaVersion",
    "fullName",
    "dateOfBirth",
    "gender",
    "addressLine1",
    "region",
    "province",
    "city",
    "zone",
)


def test_birth_has_every_mandatory_attribute() -> None:
    fields = packet_fields("birth", BIRTH, number="2026BK7QX2M")
    assert set(MANDATORY) <= set(fields)
    assert json.loads(fields["fullName"]) == [{"language": "eng", "value": "Chanda Natasha Mulenga"}]
    assert json.loads(fields["guardianOrParentName"])[0]["value"] == "Grace Mulenga"
    assert fields["dateOfBirth"] == "2026/02/20"
    assert fields["birthCertificateNumber"] == "2026BK7QX2M"
    assert fields["introducerUIN"] == BIRTH["mother.nid"]
    assert process_of("birth") == "CRVS_NEW"


def test_death_names_the_uin_and_no_certificate() -> None:
    fields = packet_fields("death", DEATH, number="2026DK7QX2M")
    assert fields["UIN"] == fields["nationalIdNumber"] == DEATH["deceased.nid"]
    assert fields["dateOfDeath"] == "2026/02/24"
    assert "deathCertificateNumber" not in fields
    assert process_of("death") == "CRVS_DEATH"


@pytest.mark.parametrize(("kind", "declaration"), [("birth", BIRTH), ("death", DEATH)])
def test_fields_are_those_of_the_schema(kind: str, declaration: dict[str, Any]) -> None:
    known = json.loads(schema.text())["properties"]["identity"]["properties"]
    assert set(packet_fields(kind, declaration, number="N")) <= set(known)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ({"firstname": "Sukarno"}, "Sukarno"),
        ({"firstname": "ชญา", "surname": "ใจดี"}, "ชญา ใจดี"),
        ({"firstname": " Maria ", "middlename": None, "surname": "da Silva"}, "Maria da Silva"),
        (None, ""),
    ],
)
def test_names_of_all_shapes(name: Any, line: str) -> None:
    assert full_name(name) == line


def test_missing_parents_leave_fields_out_and_addresses_get_a_word() -> None:
    alone = {key: value for key, value in BIRTH.items() if key.startswith("child.")}
    fields = packet_fields("birth", alone, number="N")
    assert "guardianOrParentName" not in fields
    assert set(MANDATORY) <= set(fields)
    assert notification("birth", alone) == {"name": "", "phone": "", "email": ""}


def test_event_without_a_mapping_says_so() -> None:
    with pytest.raises(NotMappable, match="marriage"):
        packet_fields("marriage", {}, number="N")


@pytest.mark.parametrize("odd", [["2026-02-20"], {"day": 20}])
def test_a_date_that_is_no_text_is_refused(odd: object) -> None:
    with pytest.raises(NotMappable, match="as date"):
        packet_fields("birth", BIRTH | {"child.dob": odd}, number="N")


NAME = {"firstname": "Chanda", "middlename": "Natasha Thandiwe", "surname": "Mulenga"}
LONG = "Wilhelmina-Konstantinopolitanska"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (NAME, "Chanda Natasha Thandiwe Mulenga"),
        (NAME | {"surname": LONG}, f"Chanda N. T. {LONG}"),
        (NAME | {"firstname": "Chanda Mwila Ng", "surname": LONG}, f"Chanda Mwila Ng {LONG}"),
        (NAME | {"firstname": "Chanda Mwila Ngosa", "surname": LONG}, f"Chanda {LONG}"),
        ({"firstname": LONG, "surname": LONG}, f"{LONG} {LONG}"[:50]),
        ({"firstname": "Ada", "surname": "Li"}, "Ada Li"),
    ],
)
def test_a_name_longer_than_the_schema_takes_is_made_to_fit(name: dict[str, str], written: str) -> None:
    fields = packet_fields("birth", BIRTH | {"child.name": name}, number="N")
    [value] = [each["value"] for each in json.loads(fields["fullName"])]
    assert value == written and len(value) <= 50


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"child.name": {"firstname": "Li"}}, "child.name.*fullName"),
        ({"child.name": {}}, "child.name.*fullName"),
        ({"child.dob": "2026-2-30"}, "child.dob.*dateOfBirth"),
        ({"child.dob": None}, "child.dob.*dateOfBirth"),
        ({"child.gender": None}, "child.gender.*gender"),
    ],
)
def test_what_cannot_be_made_to_fit_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Unfit, match=field):
        packet_fields("birth", BIRTH | changes, number="N")


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        ("0977412086", "0977412086"),
        ("097 741-20.86", "0977412086"),
        ("+260977412086", None),
        ("+0977412086", "+0977412086"),
        ("12", None),
    ],
)
def test_a_phone_number_that_the_schema_refuses_is_left_out_and_told(phone: str, written: str | None) -> None:
    declaration = BIRTH | {"informant.phoneNo": phone}
    fields = packet_fields("birth", declaration, number="N")
    assert fields.get("phone") == written
    assert left_out("birth", declaration, fields) == ([] if written else ["phone"])


def test_the_introducer_is_one_person() -> None:
    """A mother from abroad with a passport, a father with a number."""
    father = {"firstname": "Joseph", "surname": "Mulenga"}
    declaration = {name: value for name, value in BIRTH.items() if name != "mother.nid"}
    declaration |= {"mother.passport": "ZX1", "father.name": father, "father.nid": "5148360279"}
    fields = packet_fields("birth", declaration, number="N")
    assert json.loads(fields["introducerName"])[0]["value"] == "Joseph Mulenga"
    assert fields["introducerUIN"] == "5148360279"
    del declaration["father.name"]
    fields = packet_fields("birth", declaration, number="N")
    assert json.loads(fields["introducerName"])[0]["value"] == "Grace Mulenga"
    assert "introducerUIN" not in fields


def test_an_address_is_one_persons() -> None:
    """A mother who named no town, a father abroad."""
    home = {"addressType": "DOMESTIC", "country": "FAR", "administrativeArea": "Ibombo"}
    abroad = {"addressType": "INTERNATIONAL", "country": "FRA"}
    abroad["streetLevelDetails"] = {"state": "Île-de-France", "cityOrTown": "Paris", "postcodeOrZip": "75001"}  # type: ignore[assignment]
    declaration = BIRTH | {"mother.address": home, "father.address": abroad}
    fields = packet_fields("birth", declaration, number="N")
    assert json.loads(fields["region"])[0]["value"] == "FAR"
    assert json.loads(fields["province"])[0]["value"] == "Ibombo"
    assert json.loads(fields["city"])[0]["value"] == "Not stated"
    assert "postalCode" not in fields
    del declaration["mother.address"]
    fields = packet_fields("birth", declaration, number="N")
    assert json.loads(fields["city"])[0]["value"] == "Paris" and fields["postalCode"] == "75001"


@given(st.dictionaries(st.sampled_from(sorted(BIRTH)), st.text(max_size=30) | st.none() | st.integers()))
def test_every_value_is_a_text(declaration: dict[str, Any]) -> None:
    try:
        fields = packet_fields("birth", BIRTH | declaration, number="N")
    except Unfit:
        return
    assert schema.faults("CRVS_NEW", fields) == []
    assert all(isinstance(value, str) and value for value in fields.values())
    assert all(re.fullmatch(r"\[\{.*\}\]", fields[name], re.DOTALL) for name in ("region", "city"))
