"""A birth through our bridge at an ID system as deployed: load balancer, gateway, leases, data share."""

from __future__ import annotations

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


async def test_a_birth_is_registered_three_leases_later(rehearsal: Stage) -> None:
    await rehearsal.passes(hours(3))
    rehearsal.id_system.breaks("data-share", "gateway", status=200)
    rehearsal.id_system.breaks("packet.create", "gateway", status=429, seconds=600, count=2)
    birth = await rehearsal.registrar.declares_birth()
    await rehearsal.registrar.registers(birth)
    await rehearsal.until("it is registered", birth.is_registered, within=hours(6))
    (packet,) = rehearsal.packets_of(birth)
    assert len(rehearsal.id_system.sent(packet)) >= 1
