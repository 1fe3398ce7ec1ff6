"""The workflow manager's checks, in its order and with its words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire_mosip.known import NOW
from wire.mosip import envelope, workflow
from wire.mosip.envelope import EnvelopeFault


def build() -> dict[str, Any]:
    return workflow.workflow_instance(
        packet_id="100013575019284",
        process="CRVS_NEW",
        now=NOW,
        name="Amara",
        phone="07",
        email="a@b.example",
    )


def test_a_built_request_is_taken() -> None:
    read = workflow.read_workflow_instance(build())
    assert (read.registration_id, read.process, read.source) == ("100013575019284", "CRVS_NEW", "CRVS1")
    assert read.notification == {"name": "Amara", "phone": "07", "email": "a@b.example"}


@pytest.mark.parametrize("change", [{"id": workflow.WORKFLOW_ID.upper()}, {"version": "V1"}])
def test_id_and_version_are_compared_without_case(change: dict[str, str]) -> None:
    assert workflow.read_workflow_instance(build() | change).process == "CRVS_NEW"


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"id": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - id"),
        ({"id": "x"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - id"),
        ({"id": None, "version": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - id"),
        ({"version": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - version"),
        ({"version": "1.0"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - version"),
        ({"requesttime": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - requesttime"),
        ({"requesttime": "today"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - requesttime"),
        ({"requesttime": 5}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - requesttime"),
        ({"request": None}, "RPR-WIN-002", "Unknown Exception"),
        ({"request": None, "id": None}, "RPR-WIN-002", "Unknown Exception"),
    ],
)
def test_refusals_have_the_managers_words(change: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(workflow.WorkflowRefused) as refused:
        workflow.read_workflow_instance(build() | change)
    assert refused.value.fault == EnvelopeFault(code, message)


@pytest.mark.parametrize("body", [None, [], "x", 3, {}])
def test_bodies_that_are_no_object_are_unforeseen(body: Any) -> None:
    with pytest.raises(workflow.WorkflowRefused) as refused:
        workflow.read_workflow_instance(body)
    assert refused.value.fault is workflow.UNKNOWN


def test_odd_values_inside_the_request_are_not_looked_at() -> None:
    body = build() | {"request": {"registrationId": 7, "process": None, "notificationInfo": []}}
    read = workflow.read_workflow_instance(body)
    assert (read.registration_id, read.process, read.notification) == ("7", "", {})


def test_answers_are_printed_as_the_manager_prints_them() -> None:
    body = workflow.started("0b9d6a52-6f0e-4b59-9b7e-0c9b4b1e8a1f", NOW)
    assert workflow.render(body) == (
        "{\n"
        '  "id" : "mosip.registration.processor.workflow.instance",\n'
        '  "version" : "v1",\n'
        '  "responsetime" : "2025-04-11T07:57:43.134Z",\n'
        '  "response" : { "workflowInstanceId" : "0b9d6a52-6f0e-4b59-9b7e-0c9b4b1e8a1f" },\n'
        '  "errors" : null\n'
        "}"
    )
    assert workflow.instance_id(body) == "0b9d6a52-6f0e-4b59-9b7e-0c9b4b1e8a1f"


def test_a_refusal_is_read_back_as_its_fault() -> None:
    body = envelope.parse_body(
        workflow.render({"errors": [envelope.error_item(workflow.ALREADY_PRESENT)], "response": None})
    )
    assert envelope.errors_of(body) == [workflow.ALREADY_PRESENT]
    assert workflow.instance_id(body) is None
