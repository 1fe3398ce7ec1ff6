"""The way of a registration through mock_nid, over sockets and on the virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import SECRET, Stage
from tests.servers.mock_nid.way import opened
from wire.mosip import hub, identifiers

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"


@pytest.mark.requirement("MOSIP-CRD-01")
async def test_birth_is_issued_after_its_time(stage: Open, keys: Path) -> None:
    s = await stage(processing_seconds=3600)
    await s.listen(CREDENTIALS, COMPLETED)
    assert [intent["hub.mode"] for intent in s.subscriber.intents] == ["subscribe", "subscribe"]
    await s.client.submit("100013575019284", birthCertificateNumber="2026BXK3M9Q2")
    await s.advance(3599)
    assert s.subscriber.deliveries == []
    await s.advance(2)
    (delivery,) = s.subscriber.on(CREDENTIALS)
    hub.verify_signature(delivery.headers[hub.SIGNATURE_HEADER], SECRET, delivery.raw)
    assert b'": "' in delivery.raw and delivery.path == "/websub/callback/"
    document = opened(s, keys, delivery.body)
    subject = document["credentialSubject"]
    assert set(subject) == {"VID", "birthCertificateNumber", "id", "vcVer"}
    assert subject["birthCertificateNumber"] == "2026BXK3M9Q2"
    assert subject["id"].endswith("/100013575019284")
    assert identifiers.vid_fault(subject["VID"]) is None
    (completed,) = s.subscriber.on(COMPLETED)
    assert completed.body == {
        "instanceId": "100013575019284",
        "resultCode": "PROCESSED",
        "workflowType": "CRVS_NEW",
        "errorCode": None,
    }
    journal = s.running.journal.about("100013575019284")
    assert [exchange.operation for exchange in journal] == [
        "packet.create",
        "packet.process",
        "hub.deliver",
        "hub.deliver",
    ]


@pytest.mark.requirement("MOSIP-IDR-05")
async def test_many_registrations_each_have_their_own_number(stage: Open, keys: Path) -> None:
    s = await stage(processing_seconds=60)
    await s.listen(CREDENTIALS)
    await asyncio.gather(*(s.client.submit(f"1000100000{n:05d}") for n in range(50)))
    await s.advance(120)
    documents = [opened(s, keys, one.body) for one in s.subscriber.deliveries]
    subjects = [document["credentialSubject"] for document in documents]
    assert len({subject["VID"] for subject in subjects}) == len({one["id"] for one in subjects}) == 50
