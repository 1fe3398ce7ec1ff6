"""What becomes of a packet: by its plan, its stages and its kind, on the virtual clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.way import opened

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"


@pytest.mark.parametrize(
    ("plan", "result", "error"),
    [("reject:duplicate", "REJECTED", "PACKET_REJECTED"), ("fail", "FAILED", "PACKET_FAILED")],
)
@pytest.mark.requirement("MOSIP-WFL-05")
async def test_rejection_and_failure_come_as_completed_events(
    stage: Open, plan: str, result: str, error: str
) -> None:
    s = await stage(default_plan=plan)
    await s.listen(CREDENTIALS, COMPLETED)
    await s.client.submit("100010000000001")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert (delivery.body["resultCode"], delivery.body["errorCode"]) == (result, error)


async def test_stalled_packet_waits_for_an_operator(stage: Open) -> None:
    s = await stage(default_plan="stall")
    await s.listen(CREDENTIALS, COMPLETED)
    await s.client.submit("100010000000002")
    await s.advance(30 * 86400)
    assert s.subscriber.deliveries == []
    for later in ({"after": 60}, {"delay": "fixed:60"}):
        status, body, _ = await s.client.call(
            "POST", "/admin/registrations/100010000000002/issue", json=later
        )
        assert (status, "made at once" in body["title"]) == (400, True)
    status, shown, _ = await s.client.call("POST", "/admin/registrations/100010000000002/issue")
    assert status == 200 and shown["status"] == "PROCESSED" and shown["vid"]
    await s.settle()
    assert len(s.subscriber.on(CREDENTIALS)) == 1


async def test_plans_are_found_queue_then_registration_then_name_then_default(stage: Open) -> None:
    s = await stage(default_plan="fail")
    s.running.plans.enqueue("stall")
    s.running.plans.set_for("2026B00000012", "issue")
    magic = '[{"language":"eng","value":"Chanda Rejected Mulenga"}]'
    await s.client.submit("100010000000011")
    await s.client.submit("100010000000012", birthCertificateNumber="2026B00000012", fullName=magic)
    await s.client.submit("100010000000013", fullName=magic)
    await s.client.submit("100010000000014")
    await s.advance(60)
    ended = {one.id[-1]: (one.plan_source, one.status.value) for one in s.running.registrations}
    assert ended == {
        "1": ("queue", "REPROCESS"),
        "2": ("registration", "PROCESSED"),
        "3": ("magic", "REJECTED"),
        "4": ("default", "FAILED"),
    }


@pytest.mark.requirement("MOSIP-DTH-01")
async def test_death_is_a_completed_event_alone(stage: Open) -> None:
    s = await stage()
    await s.listen(CREDENTIALS, COMPLETED)
    await s.client.submit("100010000000021", "CRVS_DEATH", UIN="2760938145", birthCertificateNumber=None)
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert delivery.body["resultCode"] == "PROCESSED" and delivery.body["workflowType"] == "CRVS_DEATH"


async def test_death_by_credential_when_so_set(stage: Open, keys: Path) -> None:
    s = await stage(death_outcome="credential")
    await s.listen(CREDENTIALS)
    await s.client.submit("100010000000022", "CRVS_DEATH", UIN="2760938145", birthCertificateNumber=None)
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert opened(s, keys, delivery.body)["credentialSubject"]["VID"] == "5806319743540932"


@pytest.mark.requirement("MOSIP-DTH-02")
async def test_death_of_somebody_unknown_fails(stage: Open) -> None:
    s = await stage()
    await s.listen(COMPLETED)
    await s.client.submit("100010000000023", "CRVS_DEATH", UIN="3467045314", birthCertificateNumber=None)
    await s.advance(60)
    assert s.subscriber.deliveries[0].body["resultCode"] == "FAILED"
    (registration,) = s.running.registrations
    assert registration.transactions[-1].comment == "UIN Updation failed - No Record(s) found"
    assert (registration.reason or "").startswith("RPR-UIN-FAILED-005 UIN Updation failed")


@pytest.mark.parametrize(
    "asked", ["registrations?certificatenumber=B1", "registrations?Limit=1", "people?uin=1"]
)
async def test_a_list_tells_of_a_parameter_that_it_does_not_have(stage: Open, asked: str) -> None:
    s = await stage()
    status, body, _ = await s.client.call("GET", f"/admin/{asked}")
    assert (status, "There is no query parameter" in body["title"]) == (400, True)
