"""style=upstream-mock against the recorded exchanges of the OpenCRVS mediator with its own mock."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.known import recording
from tests.servers.mock_nid.actors import Stage
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, proofs, sealing

Open = Callable[..., Awaitable[Stage]]


def exchanges() -> list[dict[str, Any]]:
    flow = recording("flow-birth")
    return [*flow["startup"], *(one for phase in flow["phases"] for one in phase["exchanges"])]


def sent_to_mock(part: str) -> list[dict[str, Any]]:
    return [
        one["request"]
        for one in exchanges()
        if one["hop"] == "mosip-api->mosip-mock" and part in one["request"]["target"]
    ]


async def replay(s: Stage, request: dict[str, Any], body: str | None = None) -> tuple[int, Any, Any]:
    kept = {"content-type", "cookie", "authorization"}
    headers = {name: value for name, value in request["headers"] if name.lower() in kept}
    raw = (body if body is not None else request["body"]).encode()
    return await s.client.call(request["method"], request["target"], data=raw, headers=headers)


async def test_the_mediators_recorded_birth_is_served_as_its_own_mock_does(stage: Open, keys: Path) -> None:
    s = await stage(style="upstream-mock")
    token, subscribe = sent_to_mock("clientidsecretkey")[0], sent_to_mock("/websub/hub")[0]
    _, body, answer = await replay(s, token)
    recorded = next(one["response"] for one in exchanges() if "clientidsecretkey" in one["request"]["target"])
    assert answer.headers["Set-Cookie"] == dict(recorded["headers"])["set-cookie"]
    assert body | {"responsetime": ""} == json.loads(recorded["body"]) | {"responsetime": ""}
    callback = subscribe["body"].replace(
        "http%3A%2F%2Flocalhost%3A32025%2Fwebsub%2Fcallback", s.subscriber.url.replace("/", "%2F")
    )
    status, body, _ = await replay(s, subscribe, callback)
    assert (status, body) == (200, "Subscribed successfully.")
    await s.settle()
    assert list(s.subscriber.intents[0]) == ["hub.challenge"]
    for request in sent_to_mock("createPacket"):
        status, body, _ = await replay(s, request)
        assert status == 200 and body["response"][0]["providerName"] == "PacketWriterImpl"
    for request in sent_to_mock("workflowinstance"):
        status, body, _ = await replay(s, request)
        assert body["response"]["workflowInstanceId"]
    await s.advance(60)
    recorded_event = next(
        json.loads(one["request"]["body"])
        for one in exchanges()
        if one["hop"] == "mosip-mock->mosip-api" and one["request"]["method"] == "POST"
    )
    first = s.subscriber.deliveries[0]
    assert shape(first.body) == shape(recorded_event)
    assert first.path == "/websub/callback"
    document = opened(first.body, keys)
    recorded_vc = next(
        one["request"]["decrypted"]["vc"]
        for one in exchanges()
        if one["request"].get("decrypted") and "vc" in one["request"]["decrypted"]
    )
    assert shape(document) == shape(recorded_vc)
    assert len(document["credentialSubject"]["VID"]) == 10
    proofs.verify_jcs(document, KeyFolder(keys)["credential-issuer"].private_key.public_key())


def opened(body: Any, keys: Path) -> Any:
    sealed = body["event"]["data"]["credential"]
    assert base64.b64decode(sealed, validate=True)[6:38] == bytes(32)
    partner = KeyFolder(keys)["partner"]
    return credentials.decode(
        sealing.unseal(sealed, partner.private_key, partner.certificate, thumbprint="match_or_zero")
    )


def shape(value: Any) -> Any:
    """Names and kinds of a JSON value."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


async def test_real_style_takes_the_mediators_requests_too(stage: Open) -> None:
    s = await stage()
    request = sent_to_mock("createPacket")[0]
    cookie = await s.client.cookie("mosip-regproc-client")
    changed = {**request, "headers": [["Content-Type", "application/json"], *cookie.items()]}
    status, body, _ = await replay(s, changed)
    assert status == 200 and body["response"]
    workflow = sent_to_mock("workflowinstance")[0]
    await replay(s, {**workflow, "headers": changed["headers"]})
    await s.advance(60)
    (registration,) = s.running.registrations
    assert registration.status.value == "PROCESSED" and registration.vid


async def test_death_gives_a_credential_that_names_nobody(stage: Open, keys: Path) -> None:
    s = await stage(style="upstream-mock")
    await s.client.subscribe("CREDENTIAL_ISSUED", s.subscriber.url, client="mosip-websub-client")
    await s.settle()
    await s.client.submit("100010000000001", "CRVS_DEATH", nationalIdNumber="12")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert set(opened(delivery.body, keys)["credentialSubject"]) == {"id", "vcVer"}


async def test_the_death_of_somebody_unknown_carries_the_pin_as_a_text(stage: Open) -> None:
    """mosip-mock sends `"275700"`; the mediator answers 500 to null (contract mosip §15 row 11)."""
    s = await stage(style="upstream-mock")
    await s.client.subscribe("CREDENTIAL_ISSUED", s.subscriber.url)
    await s.client.submit("100010000000001", "CRVS_DEATH", nationalIdNumber="3467045314")
    await s.advance(60)
    pin = s.subscriber.deliveries[-1].body["event"]["data"]["protectionKey"]
    assert isinstance(pin, str) and len(pin) == 6 and pin.isdigit()
