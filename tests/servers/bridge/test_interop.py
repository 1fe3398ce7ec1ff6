"""Habits of the mediator's API that a country may rely on (contract mosip §11.1)."""

from __future__ import annotations

import pytest

from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.mediator import call


@pytest.mark.parametrize("stage", [{"officer_id": "officer-of-this-country"}], indirect=True)
async def test_packets_name_the_officer_of_the_settings(stage: Stage) -> None:
    event = await stage.submitted()
    packet = stage.mosip.packets[(await stage.of(event)).packet_id]
    assert "officer-of-this-country" in packet["metaInfo"]["operationsData"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/events/registration/", 401),
        ("POST", "/events/update-biographics/", 401),
        ("POST", "/verify/", 401),
        ("POST", "/esignet/get-oidp-user-info/", 401),
        ("GET", "/websub/callback/", 400),
        ("GET", "/debug/transactions/", 401),
        ("DELETE", "/debug/transactions/an-id/", 401),
        ("GET", "/health/", 200),
        ("GET", "/verify//", 404),
        ("GET", "/elsewhere/", 404),
    ],
)
async def test_a_slash_at_the_end_changes_nothing(stage: Stage, method: str, path: str, status: int) -> None:
    assert (await call(stage, method, path))[0] == status


async def test_a_slash_at_the_end_loses_no_registration(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", {})
    body = {"trackingId": "A1", "requestFields": {"birthCertificateNumber": "2026BA1"}}
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    assert (await call(stage, "POST", "/events/registration/", headers=headers, json=body))[0] == 202
    assert [row.event_id for row in await stage.running.store.listings.pending()] == [event["id"]]


@pytest.mark.parametrize("path", ["/documentation", "/documentation/"])
async def test_the_documentation_leads_to_the_contract(stage: Stage, path: str) -> None:
    status, headers, _ = await call(stage, "GET", path)
    assert (status, headers["Location"]) == (302, "/docs")
    assert (await call(stage, "GET", headers["Location"]))[0] == 200


@pytest.mark.parametrize("stage", [{"esignet_token_url": "http://127.0.0.1:9/token"}], indirect=True)
@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"clientId=crvs-rp&redirectUri=https%3A%2F%2Fregister.example%2F", 503, "unavailable"),
        (b"clientId=crvs-rp", 400, "redirectUri"),
        (b"&".join(b"a%d=1" % number for number in range(200)), 400, "Not a form"),
        (b"\xff=\xff", 400, "Not a form"),
    ],
)
async def test_user_info_may_be_asked_with_a_form(stage: Stage, body: bytes, status: int, words: str) -> None:
    event = stage.opencrvs.record("birth", {})
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    # nobody is at eSignet's address (port 9): a form that was understood ends there
    answered = await call(
        stage, "POST", "/esignet/get-oidp-user-info?code=a-code", headers=headers, data=body
    )
    assert answered[0] == status and words in answered[2]
