"""A birth through our bridge at an ID system as deployed: load balancer, gateway, leases, data share."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.stage.stage import Stage, hours
from scenarios.story import Setup


@pytest.fixture
def rehearsal_setup() -> Setup:
    return Setup(
        mock_nid={
            "sticky_cookie": True,
            "data_share": True,
            "hub_lease_enforced": True,
            "hub_lease_seconds": 3600,
            "esignet_odd_keys": True,
        }
    )


async def test_a_word_that_is_none_is_answered_with_those_that_there_are(rehearsal: Stage) -> None:
    for slip, known in (
        (lambda: rehearsal.id_system.will("isue"), "'issue', 'reject', 'fail', 'stall' or 'pause'"),
        (lambda: rehearsal.id_system.will("issue", afer=60), "it has: outcome, reason"),
        (lambda: rehearsal.id_system.breaks("packet.create", "stauts"), "'status', 'malformed-body'"),
        (lambda: rehearsal.opencrvs.breaks("acept", "reset"), "there are: accept"),
    ):
        with pytest.raises(ValueError, match=known):
            slip()


async def test_a_birth_is_registered_three_leases_later(rehearsal: Stage) -> None:
    await rehearsal.passes(hours(3))
    rehearsal.id_system.breaks("data-share", "gateway", status=200)
    rehearsal.id_system.breaks("packet.create", "gateway", status=429, seconds=600, count=2)
    birth = await rehearsal.registrar.declares_birth()
    await rehearsal.registrar.registers(birth)
    await rehearsal.until("it is registered", birth.is_registered, within=hours(6))
    (packet,) = rehearsal.packets_of(birth)
    assert len(rehearsal.id_system.sent(packet)) >= 1


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("gateway", {"status": 200}),
        ("status", {"status": 200, "body": ""}),
        ("status", {"status": 200, "body": "<html>Sign in to the wireless network</html>"}),
        ("status", {"status": 302, "headers": {"Location": "https://login.example/"}}),
        ("gateway", {"status": 404}),
        ("mosip-error", {"code": "DAT-SER-006", "message": "Data share not found"}),
        ("malformed-body", {}),
        ("truncated-body", {}),
        ("reset", {}),
    ],
)
async def test_a_page_in_place_of_the_share_is_no_word_about_the_record(
    rehearsal: Stage, kind: str, how: dict[str, Any]
) -> None:
    rehearsal.id_system.breaks("data-share", kind, count=2, **how)
    birth = await rehearsal.registrar.declares_birth()
    await rehearsal.registrar.registers(birth)
    await rehearsal.until("it is registered", birth.is_registered, within=hours(6))
    asked = [one for one in rehearsal.servers.nid.journal if one.operation == "data-share"]
    assert len(asked) == 3, "held, and asked again"
