"""What the hub delivers, and what others pretend that it delivered."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bridge.registration import Registration, State
from tests.servers.bridge.conftest import DEATH, Stage
from tests.servers.bridge.stubs import VID
from wire.mosip import hub


async def waiting(stage: Stage, event_type: str = "birth") -> tuple[dict[str, Any], Registration]:
    event = await stage.submitted(event_type)
    return event, await stage.of(event)


async def unchanged(stage: Stage, event: dict[str, Any]) -> bool:
    return (await stage.of(event)).state is State.SUBMITTED and not stage.opencrvs.accepted(event)


@pytest.mark.parametrize("secret", [None, "another-secret"])
async def test_delivery_without_the_hubs_signature_changes_nothing(stage: Stage, secret: str | None) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert await stage.deliver(body, secret=secret) == 401
    assert await unchanged(stage, event)


async def test_tampered_bytes_are_refused(stage: Stage) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    headers = {"X-Hub-Signature": hub.signature("mosip-websub-secret", body)}
    async with (
        ClientSession() as session,
        session.post(stage.callback, data=body + b" ", headers=headers) as answer,
    ):
        assert answer.status == 401
    assert await unchanged(stage, event)


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


async def test_repeated_delivery_changes_nothing(stage: Stage) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert [await stage.deliver(body) for _ in range(3)] == [200, 200, 200]
    again = stage.mosip.event(
        registration.packet_id, stage.mosip.credential(registration.packet_id, VID="5819273640281736")
    )
    assert await stage.deliver(again) == 200
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": VID}
    assert sum(path.endswith("accept") for path, _, _ in stage.opencrvs.calls) == 1


async def test_simultaneous_deliveries_confirm_once(stage: Stage) -> None:
    event, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    answers = await asyncio.gather(*(stage.mosip.deliver(stage.callback, body) for _ in range(8)))
    await stage.world.clock.settle()
    assert set(answers) == {200}
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_unknown_registration_is_ignored(stage: Stage) -> None:
    await waiting(stage)
    assert await stage.deliver(stage.mosip.event("9" * 29, stage.mosip.credential("9" * 29))) == 200
    assert await stage.deliver(stage.mosip.ended("9" * 29, "FAILED")) == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"event": 1}', b'{"a":' * 50 + b"1" + b"}" * 50, b"\xff"]
)
async def test_malformed_delivery_is_a_4xx(stage: Stage, body: bytes) -> None:
    assert await stage.deliver(body) == 400


async def test_oversized_delivery_is_refused(stage: Stage) -> None:
    big = io.BytesIO(b"x" * (1024 * 1024 + 1))
    async with ClientSession() as session, session.post(stage.callback, data=big) as answer:
        assert answer.status == 413


async def test_wrong_topic_is_refused(stage: Stage) -> None:
    event, registration = await waiting(stage)
    sealed = stage.mosip.credential(registration.packet_id)
    assert (
        await stage.deliver(
            stage.mosip.event(registration.packet_id, sealed, topic="other/CREDENTIAL_ISSUED")
        )
        == 400
    )
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


async def test_rejected_and_failed_are_for_ids_that_are_ours(stage: Stage) -> None:
    event, registration = await waiting(stage)
    assert await stage.deliver(stage.mosip.ended(registration.packet_id, "REJECTED", "CRVS_DEATH")) == 400
    assert await unchanged(stage, event)
    assert await stage.deliver(stage.mosip.ended(registration.packet_id, "REJECTED")) == 200
    assert (await stage.of(event)).state is State.REJECTED


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


async def test_the_callback_answers_with_and_without_a_slash(stage: Stage) -> None:
    _, registration = await waiting(stage)
    body = stage.mosip.ended(registration.packet_id, "PROCESSED")
    assert await stage.deliver(body, slash=False) == 200
    assert await stage.deliver(body, slash=True) == 200


async def test_lost_credential_is_found_by_asking(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.standing[registration.packet_id] = "UIN_GENERATED"
    stage.mosip.identities[registration.packet_id] = {"UIN": "4238670978"}
    await stage.world.clock.advance(2 * 3600)
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": VID}


async def test_lost_rejection_is_found_by_asking(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.standing[registration.packet_id] = "REREGISTER"
    await stage.world.clock.advance(2 * 3600)
    assert len(stage.opencrvs.rejected(event)) == 1
    assert json.dumps(stage.opencrvs.events[event["id"]]).count("A required detail") == 1
