"""Which credential is believed, and for whom."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from tests.servers.bridge.conftest import DEATH, Stage
from tests.servers.bridge.delivered import unchanged, waiting
from tests.servers.bridge.stubs import VID


@pytest.mark.parametrize(
    "options",
    [
        {"key": "mosip-iam"},
        {"partner": "ida-partner"},
        {"birthCertificateNumber": "2026BOTHER1", "VID": VID},
        {"UIN": "4238670978"},
    ],
    ids=["signed by another key", "sealed for another partner", "another certificate number", "no VID"],
)
async def test_credential_that_is_not_believed_changes_nothing(stage: Stage, options: dict[str, Any]) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(
        registration.packet_id, stage.mosip.credential(registration.packet_id, **options)
    )
    assert await stage.deliver(body) == 422
    assert await unchanged(stage, event)


async def test_credential_of_another_registration_is_refused(stage: Stage) -> None:
    event, registration = await waiting(stage)
    _, other = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(other.packet_id))
    assert await stage.deliver(body) == 422
    assert await unchanged(stage, event)


async def test_data_share_is_fetched(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s1")
    assert await stage.deliver(body) == 200
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_data_share_at_an_unknown_host_is_refused(stage: Stage) -> None:
    event, registration = await waiting(stage)
    for url in ("http://evil.example/share/s1", "http://127.0.0.1@evil.example/", "file:///etc/passwd"):
        assert await stage.deliver(stage.mosip.event(registration.packet_id, data_share_uri=url)) == 422
    assert await unchanged(stage, event)


async def test_delivery_is_kept_while_the_issuers_key_is_unreachable(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.faults["public-key.json"] = [lambda: web.Response(status=503)] * 2
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert await stage.deliver(body) == 200
    assert not stage.opencrvs.accepted(event)
    await stage.world.clock.advance(60)
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_credential_on_a_death_makes_the_bridge_ask_the_id_system(stage: Stage) -> None:
    event, registration = await waiting(stage, "death")
    stage.mosip.standing[registration.packet_id] = "UIN_GENERATED"
    sealed = stage.mosip.credential(registration.packet_id, fullName=DEATH["deceased.name"]["surname"])
    assert await stage.deliver(stage.mosip.event(registration.packet_id, sealed)) == 200
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_death_shaped_credential_does_not_complete_a_birth(stage: Stage) -> None:
    event, registration = await waiting(stage)
    sealed = stage.mosip.credential(registration.packet_id, fullName="Nobody")
    assert await stage.deliver(stage.mosip.event(registration.packet_id, sealed)) == 422
    assert await unchanged(stage, event)
