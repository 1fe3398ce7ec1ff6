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
