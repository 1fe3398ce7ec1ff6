"""What the stages find wrong with a packet, and what deaths and updates do (contract mosip §3.5, §8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mock_nid.packets import stages
from mock_nid.packets.stages import External, PacketStatus, external
from tests.servers.mock_nid.actors import Stage

Open = Callable[..., Awaitable[Stage]]


def name(text: str) -> list[dict[str, str]]:
    return [{"language": "eng", "value": text}]


UNFIT: tuple[dict[str, Any], ...] = (
    {"fullName": name("O")},
    {"fullName": name("Al")},
    {"fullName": name("N" * 51)},
    {"fullName": "Chanda Mulenga"},
    {"fullName": "@TODO"},
    {"fullName": [*name("Chanda Mulenga"), {"language": "fra", "value": "C"}]},
    {"gender": "Female"},
    {"gender": ""},
    {"dateOfBirth": "2026-02-20"},
    {"dateOfBirth": "20/02/2026"},
    {"dateOfBirth": ""},
    {"phone": "+260977412086"},
    {"phone": "097 741 2086"},
    {"guardianOrParentName": name("G" * 101)},
    {"addressLine1": name("A" * 51)},
    {"UIN": "4703420631835716"},
)
"""What MOSIP's ID schema refuses (contract mosip §2.6, §15 row 3)."""

FIT: tuple[dict[str, Any], ...] = (
    {"fullName": name("O E")},
    {"fullName": name("N" * 50)},
    {"fullName": name("王小明")},
    {"fullName": [{"language": "ara", "value": "فاطمة بن علي"}]},
    {"IDSchemaVersion": ""},
    {"phone": "0977412086"},
    {"notInTheSchema": "x"},
)


def ended(s: Stage) -> tuple[str, str | None]:
    last = list(s.running.registrations)[-1]
    return last.status.value, (last.reason or "").split(" ")[0] or None


@pytest.mark.parametrize(
    ("settings", "process", "fields", "outcome"),
    [
        ({}, "CRVS_NEW", {}, ("PROCESSED", None)),
        ({}, "CRVS_NEW", {"fullName": ""}, ("FAILED", "RPR-PKV-FAILED-012")),
        *(({}, "CRVS_NEW", wrong, ("FAILED", "RPR-PKV-FAILED-012")) for wrong in UNFIT),
        *(({}, "CRVS_NEW", right, ("PROCESSED", None)) for right in FIT),
        ({}, "CRVS_DEATH", {"UIN": "4703420631835716"}, ("FAILED", "RPR-PKV-FAILED-012")),
        ({}, "CRVS_UPDATE", {"UIN": "4703420631835716"}, ("FAILED", "RPR-PKV-FAILED-012")),
        ({}, "CRVS_UPDATE", {"VID": "4703420631835716"}, ("PROCESSED", None)),
        ({}, "CRVS_NEW", {"dateOfBirth": "2020/01/01"}, ("FAILED", "RPR-PCL-FAILED-001")),
        ({"infant_years": 18}, "CRVS_NEW", {"dateOfBirth": "2020/01/01"}, ("PROCESSED", None)),
        ({"stage_checks": "none"}, "CRVS_NEW", {"fullName": ""}, ("PROCESSED", None)),
        ({"stage_checks": "stock"}, "CRVS_NEW", {}, ("FAILED", "RPR-PKV-FAILED-012")),
        ({}, "CRVS_DEATH", {}, ("FAILED", "RPR-PKV-FAILED-012")),
        ({}, "CRVS_DEATH", {"UIN": "3467045314"}, ("FAILED", "RPR-UIN-FAILED-005")),
        ({"stage_checks": "stock"}, "CRVS_DEATH", {"UIN": "2760938145"}, ("PROCESSED", None)),
        ({}, "CRVS_UPDATE", {"UIN": "4238670978"}, ("PROCESSED", None)),
    ],
)
@pytest.mark.requirement("MOSIP-PKT-05")
async def test_data_decides(
    stage: Open, settings: dict[str, Any], process: str, fields: dict[str, Any], outcome: tuple[str, str]
) -> None:
    s = await stage(**settings)
    await s.client.submit("100010000000001", process, **fields)
    await s.advance(60)
    assert ended(s) == outcome


@pytest.mark.requirement("MOSIP-ENV-01")
async def test_stock_checks_pass_a_whole_packet(stage: Open) -> None:
    s = await stage(stage_checks="stock")
    place = [{"language": "eng", "value": "Ibombo"}]
    names = ("addressLine1", "region", "province", "city", "zone")
    await s.client.submit("100010000000001", **dict.fromkeys(names, place))
    await s.advance(60)
    assert ended(s) == ("PROCESSED", None)
    (registration,) = s.running.registrations
    assert [line.stage for line in registration.transactions][1:] == [
        "PacketValidatorStage",
        "PacketClassifierStage",
        "CmdValidatorStage",
        "OperatorValidatorStage",
        "DemoDedupeStage",
        "UinGeneratorStage",
        "FinalizationStage",
        "CredentialRequestorStage",
    ]


@pytest.mark.requirement("MOSIP-WFL-08")
async def test_the_same_child_twice_is_rejected(stage: Open) -> None:
    s = await stage(demo_dedupe=True)
    await s.client.submit("100010000000001")
    await s.advance(60)
    await s.client.submit("100010000000002")
    await s.advance(60)
    assert ended(s) == ("REJECTED", "RPR-DDP-FAILED-002")


@pytest.mark.requirement("MOSIP-DTH-03")
async def test_an_update_is_written_and_a_death_reactivates(stage: Open) -> None:
    s = await stage()
    name = [{"language": "eng", "value": "Amara Mensah"}]
    await s.client.submit("100010000000001", "CRVS_UPDATE", UIN="4238670978", fullName=name)
    await s.client.submit("100010000000002", "CRVS_DEATH", UIN="8507457640", dateOfDeath="2026/02/24")
    await s.advance(60)
    people = s.running.people.persons
    assert people["4238670978"].text("fullName") == "Amara Mensah"
    assert people["8507457640"].identity["dateOfDeath"] == "2026/02/24"
    assert people["8507457640"].status == "ACTIVATED"


async def test_deactivation_on_death_is_a_setting(stage: Open) -> None:
    s = await stage(deactivate_on_death=True, identity_events=True)
    await s.listen("crvs-partner/DEACTIVATE_ID")
    await s.client.submit("100010000000001", "CRVS_DEATH", UIN="2760938145")
    await s.advance(60)
    assert s.running.people.persons["2760938145"].status == "DEACTIVATED"
    assert len(s.subscriber.deliveries) == 2  # the UIN and its VID


@pytest.mark.parametrize("code", sorted(stages.FAILURES))
async def test_every_failure_can_be_planned(stage: Open, code: str) -> None:
    s = await stage(default_plan=f"fail:{code}")
    await s.client.submit("100010000000001")
    await s.advance(60)
    assert ended(s) == ("FAILED", code)


@pytest.mark.requirement("MOSIP-WFL-06")
async def test_a_paused_packet_tells_what_it_waits_for(stage: Open) -> None:
    topic = "REGISTRATION_PROCESSOR_WORKFLOW_PAUSED_FOR_ADDITIONAL_INFO_EVENT"
    s = await stage(default_plan="pause")
    await s.listen(topic)
    await s.client.submit("100010000000001")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert delivery.body["additionalInfoRequestId"] == "100010000000001-CORRECTION-1"
    status, shown, _ = await s.client.call("POST", "/admin/registrations/100010000000001/fail", json={})
    assert (status, shown["status"]) == (200, "FAILED")
    status, _, _ = await s.client.call("POST", "/admin/registrations/100010000000001/issue")
    assert status == 409


@pytest.mark.parametrize(
    ("status", "stage_", "shown"),
    [
        (PacketStatus.PROCESSED, "x", External.UIN_GENERATED),
        (PacketStatus.FAILED, "x", External.REREGISTER),
        (PacketStatus.REJECTED, "x", External.REJECTED),
        (PacketStatus.REPROCESS_FAILED, None, External.REJECTED),
        (PacketStatus.RESUMABLE, None, External.PROCESSING),
        (PacketStatus.PROCESSING, "PacketValidatorStage", External.PROCESSED),
        (PacketStatus.PAUSED_FOR_ADDITIONAL_INFO, "x", External.PROCESSED),
    ],
)
@pytest.mark.requirement("MOSIP-STS-02")
def test_external_status(status: PacketStatus, stage_: str | None, shown: External) -> None:
    assert external(status, stage_) is shown


async def test_who_looks_at_the_mock_is_told_which_field_and_clients_are_not(stage: Open) -> None:
    s = await stage()
    await s.client.submit("100010000000001", phone="+260977412086")
    await s.advance(60)
    (registration,) = s.running.registrations
    assert "(phone: does not match " in (registration.reason or "")
    assert "+260977412086" not in (registration.reason or "")
    assert registration.transactions[-1].comment == "Packet validation failed in packet manager"
