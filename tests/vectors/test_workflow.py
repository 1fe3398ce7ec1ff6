"""Workflow instances as the upstream mediator really sends them, and the mock's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.recorded import _exchanges
from wire.mosip import packets, workflow
from wire.world import parse_timestamp


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
