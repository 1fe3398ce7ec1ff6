"""Packets: built, read, swallowed and validated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import NOW, chance
from wire.mosip import envelope, languages, packets, schema
from wire.mosip.fields import FieldBroken

AUDIT = packets.make_audit("100013575019284", NOW, "6f0b7a7e-4a9b-44b1-8cbe-0a5b8e4a6f0a")
PLACE = languages.language_text("Ibombo")
BIRTH = {
    "IDSchemaVersion": "0.1",
    "fullName": languages.language_text("Baby Okonjo"),
    "dateOfBirth": "2025/04/10",
    "gender": languages.language_text("Female"),
    "birthCertificateNumber": "2025B7K3M9Q2X4",
    **dict.fromkeys(("addressLine1", "region", "province", "city", "zone"), PLACE),
}


def build(process: str = "CRVS_NEW", **changes: Any) -> dict[str, Any]:
    given_: dict[str, Any] = {
        "packet_id": "100013575019284",
        "process": process,
        "fields": BIRTH,
        "now": NOW,
        "audits": [AUDIT],
    }
    return packets.create_packet(**(given_ | changes))


@pytest.mark.parametrize("process", list(packets.Process))
def test_a_built_packet_is_read_back(process: packets.Process) -> None:
    body = json.loads(json.dumps(build(process)))
    packet = packets.read_packet(body)
    assert (packet.id, packet.process, packet.source) == ("100013575019284", process.value, "CRVS1")
    assert packet.fields == BIRTH
    assert packet.ref_id == "10001_10004"
    assert packets.swallowed_fault(packet) is None
    labels = {row["label"]: row["value"] for row in json.loads(packet.meta_info["metaData"])}
    assert labels == {"centerId": "10001", "machineId": "10004", "registrationType": process.value}
    assert body["requesttime"] == "2025-04-11T07:57:43.134Z"


def test_every_field_goes_out_as_a_text() -> None:
    fields = {
        "IDSchemaVersion": 0.1,
        "deceasedStatus": True,
        "selectedHandles": ["birthCertificateNumber"],
        "fullName": [{"language": "fra", "value": "Aïcha"}],
        "email": None,
    }
    sent = build(fields=fields)["request"]["fields"]
    assert sent == {
        "IDSchemaVersion": "0.1",
        "deceasedStatus": "true",
        "selectedHandles": '["birthCertificateNumber"]',
        "fullName": '[{"language":"fra","value":"Aïcha"}]',
    }


def test_a_packet_without_audits_is_not_built() -> None:
    with pytest.raises(ValueError, match="audit"):
        build(audits=[])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("fields", {"fullName": [{"language": "eng", "value": "x"}]}),
        ("fields", {"fullName": {"a": 1}}),
        ("fields", []),
        ("metaInfo", {"metaData": []}),
        ("audits", {}),
        ("audits", [{"a": []}]),
        ("audits", ["x"]),
        ("id", []),
        ("documents", []),
    ],
)
def test_lists_and_objects_where_texts_are_due_are_refused_by_name(path: str, value: Any) -> None:
    body = build()
    body["request"][path] = value
    with pytest.raises(FieldBroken) as broken:
        packets.read_packet(body)
    assert broken.value.path.startswith(f"request.{path}")


@pytest.mark.parametrize("body", [None, [], {}, {"request": None}, {"request": []}])
def test_bodies_without_a_request_are_refused(body: Any) -> None:
    with pytest.raises(FieldBroken):
        packets.read_packet(body)


def test_numbers_and_truth_values_are_taken_as_jackson_takes_them() -> None:
    body = build()
    body["request"]["fields"] = {"IDSchemaVersion": 0.1, "deceasedStatus": True, "phone": None}
    assert packets.read_packet(body).fields == {"IDSchemaVersion": "0.1", "deceasedStatus": "true"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"audits": []}, "KER-KPM-008"),
        ({"schemaJson": "{"}, "KER-KPM-002"),
        ({"schemaJson": None}, "KER-KPM-002"),
        ({"schemaVersion": "one"}, "KER-KPM-002"),
    ],
)
def test_what_packet_manager_swallows_is_named(changes: dict[str, Any], code: str) -> None:
    body = build()
    body["request"] |= changes
    fault = packets.swallowed_fault(packets.read_packet(body))
    assert fault is not None and fault.code == code


@pytest.mark.requirement("MOSIP-PKT-01")
def test_the_answer_names_each_sub_packet() -> None:
    packet = packets.read_packet(build(schema_version="0.500"))
    made = packets.created_packets(packet, NOW, chance())
    assert [entry["packetName"] for entry in made] == ["100013575019284_id", "100013575019284_evidence"]
    assert made[0]["schemaVersion"] == "0.5" and len(made[0]["signature"]) == 342
    answer = envelope.response_envelope(made, now=NOW, errors=[])
    assert packets.created(answer) == made


@pytest.mark.parametrize("response", [None, [], {}, "x"])
def test_a_swallowed_packet_is_no_created_packet(response: Any) -> None:
    assert packets.created({"response": response, "errors": []}) == []


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


@given(st.text(min_size=1, max_size=40), st.sampled_from(["eng", "fra", "ara"]))
def test_language_values_round_trip(value: str, language: str) -> None:
    text = languages.language_text(value, language)
    assert languages.read_language(text, language) == value
    assert languages.read_language(languages.language_values(value, language)) == value
    assert languages.read_language(text, "xyz") is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("plain", "plain"),
        ("", None),
        (None, None),
        ("[broken", "[broken"),
        ('{"language":"eng","value":"x"}', "x"),
        ([1, {"language": "eng", "value": 2}], None),
        (7, None),
    ],
)
def test_values_of_other_forms_are_read_as_they_are(value: Any, read: str | None) -> None:
    assert languages.read_language(value) == read
