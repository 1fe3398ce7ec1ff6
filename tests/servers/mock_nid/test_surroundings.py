"""What surrounds a deployed MOSIP (contract mosip §15 rows 5, 7 to 10), each by one setting or fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.test_faults import arm
from wire.mosip import auth

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
DAY = 86400.0


@pytest.mark.parametrize(
    ("status", "content_type", "says"),
    [
        (404, "application/json", "no Route matched with those values"),
        (408, "application/json", "Request Timeout"),
        (413, "application/json", "Request size limit exceeded"),
        (429, "application/json", "API rate limit exceeded"),
        (502, "text/html", "502 Bad Gateway"),
        (503, "text/html", "503 Service Unavailable"),
        (599, "text/html", "599 Error"),
    ],
)
@pytest.mark.parametrize("seam", ["packet.create", "status.search", "hub.subscribe", "esignet"])
async def test_a_gateway_speaks_for_itself(
    stage: Open, seam: str, status: int, content_type: str, says: str
) -> None:
    s = await stage()
    await arm(s, seam, "gateway", status=status, seconds=120)
    base = s.running.esignet_url if seam == "esignet" else s.running.url
    method, path = {
        "packet.create": ("PUT", "/commons/v1/packetmanager/createPacket"),
        "status.search": ("POST", "/registrationprocessor/v1/registrationstatus/search"),
        "hub.subscribe": ("POST", "/hub"),
        "esignet": ("GET", "/.well-known/jwks.json"),
    }[seam]
    async with s.client.session.request(method, base + path) as answer:
        assert (answer.status, answer.content_type) == (status, content_type)
        assert says in await answer.text()
        assert answer.headers.get("Retry-After") == ("120" if status == 429 else None)


async def test_a_status_takes_headers_and_a_body(stage: Open) -> None:
    s = await stage()
    headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "content-type": "application/problem+json"}
    await arm(s, "packet.create", "status", status=503, headers=headers, body="{}")
    status, body, answer = await s.client.create("100010000000001")
    assert (status, body, answer.content_type) == (503, {}, "application/problem+json")
    assert answer.headers["Retry-After"] == headers["Retry-After"]


async def test_a_data_share_answers_html_once(stage: Open) -> None:
    s = await stage(data_share=True)
    await s.listen(CREDENTIALS)
    await s.client.submit("100010000000001")
    await s.advance(60)
    path = s.subscriber.deliveries[0].body["event"]["dataShareUri"].removeprefix(s.running.url)
    await arm(s, "data-share", "gateway", status=200)
    cookie = await s.client.cookie("crvs-partner")
    first, second = [await s.client.call("GET", path, headers=cookie) for _ in range(2)]
    assert (first[0], first[2].content_type) == (200, "text/html")
    assert (second[0], second[2].content_type) == (200, "application/octet-stream")


async def test_a_sticky_cookie_comes_first(stage: Open) -> None:
    s = await stage(sticky_cookie=True)
    _, _, answer = await s.client.authenticate("crvs-partner")
    sticky, own = answer.headers.getall("Set-Cookie")
    assert sticky.startswith("INGRESSCOOKIE=") and own.startswith("Authorization=")
    assert auth.handed_over(None, (sticky, own)) == answer.headers["Authorization"]


async def test_a_key_set_with_odd_keys_holds_the_right_one_too(stage: Open) -> None:
    async def listed(**settings: Any) -> list[Any]:
        s = await stage(**settings)
        async with s.client.session.get(f"{s.running.esignet_url}/.well-known/jwks.json") as answer:
            keys: list[Any] = (await answer.json())["keys"]
            return keys

    (right,), odd = await listed(), await listed(esignet_odd_keys=True)
    assert right in odd and len(odd) > 3
    assert any("kid" not in key for key in odd) and {key["kty"] for key in odd} > {"RSA"}


async def test_an_enforced_lease_ends_and_asking_again_renews_it(stage: Open) -> None:
    s = await stage(hub_lease_enforced=True, hub_lease_seconds=3600)
    await s.listen(CREDENTIALS)
    await s.advance(3000)
    await s.listen(CREDENTIALS)
    assert {intent["hub.mode"] for intent in s.subscriber.intents} == {"subscribe"}
    await s.advance(3000)
    await s.client.submit("100010000000001")
    await s.advance(60)
    assert len(s.subscriber.deliveries) == 1
    await s.advance(3600)
    s.client.tokens.clear()
    await s.client.submit("100010000000002")
    await s.advance(60)
    assert len(s.subscriber.deliveries) == 1
    assert not s.running.subscriptions.subscriptions


async def test_a_vid_that_is_not_active(stage: Open) -> None:
    s = await stage()
    s.running.plans.enqueue({"forge": "inactive-vid"})
    await s.client.submit("100010000000001")
    await s.advance(60)
    (registration,) = s.running.registrations
    cookie = await s.client.cookie()
    _, body, _ = await s.client.call("GET", f"/idrepository/v1/vid/{registration.vid}", headers=cookie)
    assert body["errors"] == [{"errorCode": "IDR-VID-001", "message": "VID is DEACTIVATED"}]

    await arm(s, "vid", "inactive-vid")
    envelope = {"id": "mosip.vid.create", "version": "v1", "requesttime": s.world.timestamp()}
    asked = {**envelope, "request": {"UIN": "4238670978", "vidType": "Temporary"}}
    made = await s.client.call("POST", "/idrepository/v1/vid", json=asked, headers=cookie)
    assert made[1]["response"]["vidStatus"] == "DEACTIVATED"
