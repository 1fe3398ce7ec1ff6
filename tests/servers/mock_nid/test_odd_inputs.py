"""What is no text, no number or no token, in every place that somebody may send it: refused, never a 500."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.servers.mock_nid.actors import Stage
from wire.mosip import packets, workflow

Open = Callable[..., Awaitable[Stage]]
PACKET = "100010000000001"
# as they stand in JSON: half a pair, NUL, no numbers, one beyond all bounds, many digits, many levels, others
ODD = (
    r'"\ud800"',
    r'"\u0000"',
    "NaN",
    "-Infinity",
    "1e999",
    "9" * 5000,
    "[" * 3000,
    "[[[]]]",
    "{}",
    "[null]",
)


def requests(s: Stage) -> dict[tuple[str, str], Any]:
    now, at = s.world.clock.now(), s.world.timestamp()

    def envelope(id: str, request: Any, version: str = "v1") -> dict[str, Any]:
        return {"id": id, "version": version, "requesttime": at, "request": request}

    names = [{"language": "eng", "value": "Chanda Mulenga"}]
    fields = {"IDSchemaVersion": "0.1", "fullName": names, "dateOfBirth": "2026/02/20"}
    identity = {"UIN": "4238670978", "fullName": names, "dateOfBirth": "2016/01/01"}
    audits = [packets.make_audit(PACKET, now, "6f0b7a7e-4a9b-44b1-8cbe-0a5b8e4a6f0a")]
    created = packets.create_packet(
        packet_id=PACKET, process="CRVS_NEW", fields=fields, now=now, audits=audits, source="OPENCRVS"
    )
    started = workflow.workflow_instance(packet_id="7", process="CRVS_NEW", now=now, source="OPENCRVS")
    log_in = {"clientId": "crvs-partner", "secretKey": "abcdeABCDE123456", "appId": "admin"}
    child = {"langCode": "eng", "demographicDetails": {"identity": identity}, "requiredFields": ["fullName"]}
    slot = {
        "preRegistrationId": "1",
        "registration_center_id": "10001",
        "appointment_date": "2026-03-04",
        "time_slot_from": "09:00",
        "time_slot_to": "09:15",
    }
    status, prereg = "/registrationprocessor/v1/registrationstatus", "/preregistration/v1/applications"
    ids = "/idrepository/v1"
    asked = [{"registrationId": PACKET}]
    return {
        ("POST", "/v1/authmanager/authenticate/clientidsecretkey"): envelope("string", log_in),
        ("PUT", "/commons/v1/packetmanager/createPacket"): created,
        ("POST", "/registrationprocessor/v1/workflowmanager/workflowinstance"): started,
        ("POST", f"{status}/search"): envelope("mosip.registration.status", asked, "1.0"),
        ("POST", f"{status}/externalstatus/search"): envelope("mosip.registration.external.status", asked),
        ("POST", f"{prereg}/prereg"): envelope("mosip.pre-registration.demographic.create", child, "1.0"),
        ("POST", f"{prereg}/appointment"): envelope("x", {"bookingRequest": [slot]}),
        ("POST", f"{ids}/identity/"): envelope(
            "mosip.id.create", {"registrationId": "1", "identity": identity}
        ),
        ("POST", f"{ids}/vid"): envelope("mosip.vid.create", {"UIN": "4238670978", "vidType": "PERPETUAL"}),
        ("PATCH", f"{ids}/vid/4703420631835716"): envelope("mosip.vid.update", {"vidStatus": "REVOKED"}),
        ("POST", "/websub/hub?hub.mode=publish&hub.topic=CREDENTIAL_STATUS_UPDATE"): {
            "event": {"requestId": "2"}
        },
        ("POST", "/idauthentication/v1/auth/a/b/c"): {"id": "mosip.identity.auth", "transactionID": "1"},
        ("POST", "/admin/verifications"): {"wish": "deactivate", "number": "4238670978", "reason": "x"},
        ("POST", "/admin/plans/queue"): {"outcome": "issue", "after": 3},
        ("POST", "/admin/faults"): {"seam": "ida", "kind": "status", "headers": {"a": "b"}},
    }


def spoilt(whole: Any, value: Any, odd: str) -> Iterator[str]:
    """The JSON text of `whole`, in which one value after the other is the odd one."""
    if isinstance(value, dict | list):
        for at, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield from spoilt(whole, held, odd)
            value[at] = "«odd»"
            yield json.dumps(whole, ensure_ascii=False).replace('"«odd»"', odd)
            value[at] = held


async def raw(url: str, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status and answer of a request whose headers may hold any bytes (no client library sends them)."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    reader, writer = await asyncio.open_connection(host, port)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: close",
        "Content-Type: application/json",
    ]
    lines += [*(f"{name}: {value}" for name, value in headers.items()), "Content-Length: 2", "", "{}"]
    writer.write("\r\n".join(lines).encode("utf-8", "surrogateescape"))
    answer = (await reader.read()).decode()
    writer.close()
    return int(answer.split()[1]), answer


async def test_no_value_of_any_request_is_a_500_or_kept(stage: Open) -> None:
    s = await stage()
    headers = {**await s.client.cookie(), "Content-Type": "application/json"}
    for (method, path), body in requests(s).items():
        for odd in ODD:
            for text in spoilt(body, body, odd):
                status, answer, _ = await s.client.call(method, path, data=text.encode(), headers=headers)
                assert status < 500 or "401 Unauthorized" in str(answer), (path, text[:300])
    await s.advance(3600)
    for listed in ("people", "registrations", "applications", "verifications"):
        status, answer, _ = await s.client.call("GET", f"/admin/{listed}")
        assert status == 200 and "NaN" not in json.dumps(answer)


async def test_half_a_pair_inside_a_language_text_ends_in_the_packet_validator(stage: Open) -> None:
    s = await stage()
    await s.client.submit(PACKET, fullName=r'[{"language": "eng", "value": "Chanda \ud800"}]')
    await s.advance(60)
    (one,) = s.running.registrations
    assert str(one.reason).startswith("RPR-PKV-FAILED-012")


@pytest.mark.parametrize("token", ["\udcff\udcfe", "a.b.c", "e30.e30.e30", "\udced\udca0\udc80.x.y"])
async def test_bytes_in_place_of_a_token_are_a_bad_token(stage: Open, token: str) -> None:
    s = await stage()
    cookie = {"Cookie": f"Authorization={token}"}
    for method, path in (
        ("PUT", "/commons/v1/packetmanager/createPacket"),
        ("POST", "/registrationprocessor/v1/workflowmanager/workflowinstance"),
        ("GET", "/idrepository/v1/vid/4703420631835716"),
        ("GET", "/v1/authmanager/authorize/admin/validateToken"),
    ):
        assert (await raw(s.running.url, method, path, cookie))[0] == 401, path
    hub = "/websub/hub?hub.mode=publish&hub.topic=x"
    assert "Authentication Failed" in (await raw(s.running.url, "POST", hub, cookie))[1]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await raw(s.running.esignet_url, "GET", "/oidc/userinfo", bearer))[0] == 401
