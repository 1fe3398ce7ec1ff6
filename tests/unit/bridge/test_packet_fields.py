"""From declarations to packets that MOSIP's validator lets through."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.packet_fields import NotMappable, full_name, notification, packet_fields, process_of
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


@given(st.dictionaries(st.sampled_from(sorted(BIRTH)), st.text(max_size=30) | st.none() | st.integers()))
def test_every_value_is_a_text(declaration: dict[str, Any]) -> None:
    fields = packet_fields("birth", declaration, number="N")
    assert all(isinstance(value, str) and value for value in fields.values())
    assert all(re.fullmatch(r"\[\{.*\}\]", fields[name], re.DOTALL) for name in ("region", "city"))
