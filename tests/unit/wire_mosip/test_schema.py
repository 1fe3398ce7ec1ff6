"""What the ID schema demands of a packet's fields."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_mosip.births import BIRTH
from wire.mosip import languages, schema


def test_a_good_birth_passes_the_schema() -> None:
    assert schema.faults("CRVS_NEW", BIRTH) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dateOfBirth": "2025-04-10"}, "dateOfBirth"),
        ({"dateOfBirth": "1799/04/10"}, "dateOfBirth"),
        ({"dateOfBirth": ""}, "dateOfBirth|age"),
        ({"fullName": "Baby Okonjo"}, "fullName"),
        ({"fullName": '["x"]'}, "fullName"),
        ({"fullName": "{}"}, "fullName"),
        ({"fullName": languages.language_text("ab")}, "fullName"),
        ({"fullName": languages.language_text("x" * 51)}, "fullName"),
        ({"IDSchemaVersion": "one"}, "IDSchemaVersion"),
        ({"phone": "0711"}, "phone"),
        ({"deceasedStatus": "yes"}, "deceasedStatus"),
        ({"deathDeclared": "maybe"}, "deathDeclared"),
        ({"selectedHandles": "vid"}, "selectedHandles"),
        ({"deathCertificateNumber": "2025D1"}, "deathCertificateNumber"),
        ({"zone": ""}, "zone"),
    ],
)
def test_each_broken_field_is_named(change: dict[str, str], field: str) -> None:
    assert [fault.field for fault in schema.faults("CRVS_NEW", BIRTH | change)] == [field]


def test_processes_have_their_own_mandatory_fields() -> None:
    assert [f.field for f in schema.faults("CRVS_DEATH", {"IDSchemaVersion": "0.1"})] == ["UIN"]
    assert schema.faults("OPENCRVS_NEW", {"IDSchemaVersion": "0.1"}) == []
    assert [f.field for f in schema.faults("CRVS_UPDATE", {})] == ["IDSchemaVersion"]
    assert schema.faults("CRVS_UPDATE", {"IDSchemaVersion": "0.1", "own": "x"}, unknown_fields=True) == []


def test_a_schema_of_odd_content_breaks_nothing() -> None:
    odd = {"properties": {"identity": {"properties": {"a": 1, "b": {"type": "string", "validators": [3]}}}}}
    odd["properties"]["identity"]["properties"]["c"] = {
        "type": "string",
        "validators": [{"type": "regex", "validator": "("}],
    }
    text = json.dumps(odd)
    found = schema.faults("X", {"IDSchemaVersion": "1", "a": "1", "b": "2", "c": "3"}, schema_json=text)
    assert [fault.field for fault in found] == ["IDSchemaVersion", "a"]


@given(st.one_of(st.none(), st.text(max_size=30)))
def test_any_schema_text_is_parsed_or_none(text: str | None) -> None:
    assert schema.parse(text) is None
    assert schema.subpackets(text) == ("id",)
