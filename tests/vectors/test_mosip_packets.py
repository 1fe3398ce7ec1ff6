"""Packets and workflow instances as the upstream mediator really sends them, and the mock's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.known import recording
from wire.mosip import auth, envelope, packets, workflow
from wire.world import parse_timestamp


def _exchanges(part: str) -> list[dict[str, Any]]:
    flow = recording("flow-birth")
    every = flow["startup"] + [e for phase in flow["phases"] for e in phase["exchanges"]]
    return [e for e in every if part in e["request"]["target"]]


@pytest.mark.parametrize("exchange", _exchanges("createPacket"))
def test_recorded_packets_are_read(exchange: dict[str, Any]) -> None:
    body = json.loads(exchange["request"]["body"])
    packet = packets.read_packet(body)
    assert packet.fields == body["request"]["fields"]
    assert packet.process == packets.Process.NEW and packet.source == "OPENCRVS"
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


@pytest.mark.parametrize("exchange", _exchanges("workflowinstance"))
def test_recorded_workflow_instances_are_read_and_written(exchange: dict[str, Any]) -> None:
    body = json.loads(exchange["request"]["body"])
    read = workflow.read_workflow_instance(body)
    written = packets.workflow_instance(
        packet_id=read.registration_id,
        process=read.process,
        source=read.source,
        now=parse_timestamp(body["requesttime"]),
        name=read.notification["name"] or "",
        phone=read.notification["phone"] or "",
        email=read.notification["email"] or "",
    )
    assert written == body
    answer = json.loads(exchange["response"]["body"])
    instance = workflow.instance_id(answer)
    assert instance is not None
    assert workflow.started(instance, parse_timestamp(answer["responsetime"])) == answer


@pytest.mark.parametrize("exchange", _exchanges("clientidsecretkey"))
def test_recorded_logins_are_read_and_written(exchange: dict[str, Any]) -> None:
    body = json.loads(exchange["request"]["body"])
    login = auth.read_token_request(body)
    now = parse_timestamp(body["requesttime"])
    assert auth.token_request(login.client_id, login.secret, login.app_id, now) == body
    answer = json.loads(exchange["response"]["body"])
    assert auth.token_response(login, parse_timestamp(answer["responsetime"])) == answer
    cookies = [value for name, value in exchange["response"]["headers"] if name.lower() == "set-cookie"]
    assert auth.handed_over(None, cookies) == "some-token"
