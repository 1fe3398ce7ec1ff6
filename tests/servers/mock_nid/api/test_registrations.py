"""What the workflow manager takes and refuses (contract mosip §3.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error

Open = Callable[..., Awaitable[Stage]]


WORKFLOW = "/registrationprocessor/v1/workflowmanager/workflowinstance"


@pytest.mark.requirement("MOSIP-WFL-01", "MOSIP-WFL-02")
async def test_workflow_manager_refusals(stage: Open) -> None:
    s = await stage()
    cookie = await s.client.cookie()
    good = {
        "id": "mosip.registration.processor.workflow.instance",
        "version": "v1",
        "requesttime": s.world.timestamp(),
        "request": {"registrationId": "1", "process": "CRVS_NEW", "source": "CRVS1"},
    }
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"id": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - id"),
        ({"version": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - version"),
        ({"requesttime": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - requesttime"),
        ({"id": "x"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - id"),
        ({"version": "v9"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - version"),
        ({"requesttime": "x"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - requesttime"),
        ({"request": None}, "RPR-WIN-002", "Unknown Exception"),
    ]
    for change, code, message in cases:
        status, body, _ = await s.client.call("POST", WORKFLOW, json=good | change, headers=cookie)
        assert (status, *first_error(body)) == (200, code, message)
    status, body, answer = await s.client.call("POST", WORKFLOW, json=good, headers=cookie)
    assert body["errors"] is None and answer.headers["Access-Control-Allow-Origin"] == "*"
    _, body, _ = await s.client.call("POST", WORKFLOW, json=good, headers=cookie)
    assert first_error(body) == (
        "RPR-WIS-001",
        "RPR-WIS-001 --> RPR-WIS-001 --> WorkflowInstance already present",
    )


@pytest.mark.requirement("MOSIP-WFL-03")
async def test_a_packet_never_created_fails_later(stage: Open) -> None:
    s = await stage()
    await s.client.process("100010000000077")
    await s.advance(60)
    (registration,) = s.running.registrations
    last = registration.transactions[-1]
    assert f"{last.sub_status_code} {last.comment}" == (
        "RPR-PKV-FAILED-012 Packet validation failed in packet manager"
    )
