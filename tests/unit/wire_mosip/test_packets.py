"""Packets: built, read, and swallowed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.wire_mosip.births import BIRTH
from tests.unit.wire_mosip.known import NOW, chance
from wire.mosip import envelope, packets
from wire.mosip.fields import FieldBroken

AUDIT = packets.make_audit("100013575019284", NOW, "6f0b7a7e-4a9b-44b1-8cbe-0a5b8e4a6f0a")


def build(process: str = "CRVS_NEW", **changes: Any) -> dict[str, Any]:
    given_: dict[str, Any] = {
        "packet_id": "100013575019284",
        "process": process,
        "fields": BIRTH,
        "now": NOW,
        "audits": [AUDIT],
    }
    return packets.create_packet(**(given_ | changes))


@pytest.mark.parametrize("process", ["CRVS_NEW", "CRVS_DEATH", "CRVS_UPDATE"])
def test_a_built_packet_is_read_back(process: str) -> None:
    body = json.loads(json.dumps(build(process)))
    packet = packets.read_packet(body)
    assert (packet.id, packet.process, packet.source) == ("100013575019284", process, "CRVS1")
    assert packet.fields == BIRTH
    assert packet.ref_id == "10001_10004"
    assert packets.swallowed_fault(packet) is None
    labels = {row["label"]: row["value"] for row in json.loads(packet.meta_info["metaData"])}
    assert labels == {"centerId": "10001", "machineId": "10004", "registrationType": process}
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
