"""Faults at the named seams, armed over the admin routes; the journal says what was injected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError

from mock_nid.seams import SEAMS
from tests.servers.mock_nid.actors import Stage
from wire.keyfolder import KeyFolder
from wire.mosip import sealing

Open = Callable[..., Awaitable[Stage]]


async def arm(s: Stage, seam: str, kind: str, **more: Any) -> None:
    status, body, _ = await s.client.call("POST", "/admin/faults", json={"seam": seam, "kind": kind, **more})
    assert status == 201, body


async def test_seams_are_listed(stage: Open) -> None:
    s = await stage()
    _, body, _ = await s.client.call("GET", "/admin/faults")
    assert set(body["seams"]) == set(SEAMS)


async def test_status_then_good_again(stage: Open) -> None:
    s = await stage()
    await arm(s, "packet.create", "status", status=503, count=2)
    assert [(await s.client.create("100010000000001"))[0] for _ in range(3)] == [503, 503, 200]
    faults = [one.faults for one in s.running.journal if one.operation in ("packet.create", "createPacket")]
    assert faults == [("status 503 at packet.create",)] * 2 + [()]


async def test_mosip_error_inside_a_200_and_the_swallowed_failure(stage: Open) -> None:
    s = await stage()
    await arm(s, "packet.create", "mosip-error", code="KER-PUT-013", message="store down")
    await arm(s, "packet.create", "empty-response")
    _, first, _ = await s.client.create("100010000000001")
    assert first["errors"] == [{"errorCode": "KER-PUT-013", "message": "store down"}]
    status, second, _ = await s.client.create("100010000000001")
    assert (status, second["response"], second["errors"]) == (200, None, [])
    assert not s.running.registrations.packets


async def test_a_fault_for_one_registration_spares_the_others(stage: Open) -> None:
    s = await stage()
    await arm(s, "packet.create", "status", record="100010000000002", count=None)
    assert (await s.client.create("100010000000001"))[0] == 200
    assert (await s.client.create("100010000000002"))[0] == 503


@pytest.mark.parametrize("kind", ["reset", "hang"])
async def test_cut_connections(stage: Open, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    s = await stage()
    await s.client.token()
    await arm(s, "packet.process", kind, seconds=0)
    with pytest.raises(ClientError):
        await s.client.process("100010000000001")
    assert caplog.records == []


async def test_a_workflow_whose_answer_is_truncated_was_started(stage: Open) -> None:
    s = await stage()
    await s.client.create("100010000000001")
    await arm(s, "packet.process", "truncated-body")
    with pytest.raises(ClientError):
        await s.client.process("100010000000001")
    _, body, _ = await s.client.process("100010000000001")
    assert body["errors"][0]["errorCode"] == "RPR-WIS-001"


async def test_expired_token(stage: Open) -> None:
    s = await stage()
    await arm(s, "auth.token", "expired-token")
    assert (await s.client.create("100010000000001"))[0] == 401
    s.client.tokens.clear()
    assert (await s.client.create("100010000000001"))[0] == 200


async def test_wrong_key_in_a_credential(stage: Open, keys: Path) -> None:
    s = await stage()
    await s.listen("crvs-partner/CREDENTIAL_ISSUED")
    await arm(s, "credential", "other-partner")
    await s.client.submit("100010000000001")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    partner = KeyFolder(keys)["partner"]
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(delivery.body["event"]["data"]["credential"], partner.private_key, partner.certificate)


async def test_nothing_secret_is_in_the_journal(stage: Open) -> None:
    s = await stage()
    await s.listen("crvs-partner/CREDENTIAL_ISSUED")
    await s.client.submit("100010000000001", introducerUIN="4238670978")
    await s.advance(60)
    _, journal, _ = await s.client.call("GET", "/admin/journal")
    text = str(journal)
    (registration,) = s.running.registrations
    for secret in ("abcdeABCDE123456", "mosip-websub-secret", "4238670978", registration.vid, "eyJ"):
        assert secret is not None and secret not in text
