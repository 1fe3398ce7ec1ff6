"""The hub's callback: its address, its bodies, their signature and size."""

from __future__ import annotations

import io

import pytest
from aiohttp import ClientSession

from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.delivered import unchanged, waiting
from wire.mosip import hub


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


async def test_the_callback_answers_with_and_without_a_slash(stage: Stage) -> None:
    _, registration = await waiting(stage)
    body = stage.mosip.ended(registration.packet_id, "PROCESSED")
    assert await stage.deliver(body, slash=False) == 200
    assert await stage.deliver(body, slash=True) == 200
