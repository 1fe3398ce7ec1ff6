"""Packets as the upstream mediator really sends them, and the mock's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.recorded import _exchanges
from wire.mosip import envelope, packets


@pytest.mark.parametrize("exchange", _exchanges("createPacket"))
def test_recorded_packets_are_read(exchange: dict[str, Any]) -> None:
    body = json.loads(exchange["request"]["body"])
    packet = packets.read_packet(body)
    assert packet.fields == body["request"]["fields"]
    assert packet.process == "CRVS_NEW" and packet.source == "OPENCRVS"
    answer = json.loads(exchange["response"]["body"])
    assert envelope.errors_of(answer) == []
    assert {entry["id"] for entry in packets.created(answer)} == {packet.id}
    assert len(packets.created(answer)) == 3


def test_a_packet_with_the_recorded_schema_makes_two_sub_packets() -> None:
    """Its schema has the categories pvt, kyc, none and evidence, but no optional field."""
    packet = packets.read_packet(json.loads(_exchanges("createPacket")[0]["request"]["body"]))
    assert packets.swallowed_fault(packet) is None
    from tests.unit.wire_mosip.known import NOW, chance

    made = packets.created_packets(packet, NOW, chance())
    assert [entry["packetName"] for entry in made] == [f"{packet.id}_id", f"{packet.id}_evidence"]
    known = json.loads(_exchanges("createPacket")[0]["response"]["body"])["response"][0]
    assert set(made[0]) == set(known)
    assert {entry["schemaVersion"] for entry in made} == {"0.1"}
