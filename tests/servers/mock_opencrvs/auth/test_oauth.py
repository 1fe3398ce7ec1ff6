"""Tokens for clients and records, in OAuth's own words (contract §2.4, §2.5)."""

from __future__ import annotations

import aiohttp
import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.auth.oauth import EXCHANGE
from testbed.browser import Browser
from tests.servers.mock_opencrvs.logging_in import every_profile, post
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import peek


@every_profile
@pytest.mark.requirement("OCRVS-TOK-03")
async def test_client_credentials(http: aiohttp.ClientSession, opencrvs: Running, profile: Profile) -> None:
    client = next(iter(opencrvs.people.clients.values()))
    given = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
    url = f"{opencrvs.gateway_url}/auth/token"
    by_query = await post(http, url, params=given)
    by_body = await post(http, url, json=given)
    by_form = await post(http, url, data=given)
    taken = {
        Profile.V1_9: [by_query],
        Profile.V2_0: [by_query, by_body, by_form],
        Profile.V2_1: [by_body, by_form],
    }
    for answer in (by_query, by_body, by_form):
        assert answer[0] == (200 if answer in taken[profile] else 400)
    _, body, headers = taken[profile][0]
    assert set(body) == {"access_token", "token_type"}
    assert dict(headers)["Cache-Control"] == "no-cache", (
        "the gateway's own word; the auth service says no-store"
    )
    claims = peek(body["access_token"])
    assert (claims["userType"], claims["exp"] - claims["iat"]) == ("system", 600)
    assert "role" not in claims


@every_profile
@pytest.mark.parametrize(
    ("given", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x"}, 400, "invalid_request"),
        (
            {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"},
            401,
            "invalid_client",
        ),
    ],
)
@pytest.mark.requirement("OCRVS-TOK-04")
async def test_oauth_errors(
    http: aiohttp.ClientSession,
    opencrvs: Running,
    profile: Profile,
    given: dict[str, str],
    status: int,
    error: str,
) -> None:
    how = {"params": given} if profile is Profile.V1_9 else {"data": given}
    answer = await post(http, f"{opencrvs.auth_url}/token", **how)  # type: ignore[arg-type]
    assert (answer[0], answer[1]["error"]) == (status, error)
    assert answer[1]["error_description"]
    assert answer[1]["error_uri"].startswith("Refer to ")


@every_profile
@pytest.mark.requirement("OCRVS-TOK-05")
async def test_the_token_exchange(
    http: aiohttp.ClientSession, opencrvs: Running, registrar: Browser, profile: Profile
) -> None:
    given = {
        "grant_type": EXCHANGE,
        "subject_token": await registrar.log_in(),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "requested_token_type": "urn:opencrvs:oauth:token-type:single_record_token",
        "event_id": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
        "action_id": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
    }
    url = f"{opencrvs.auth_url}/token"
    if profile is Profile.V2_1:
        status, body, _ = await post(http, url, data=given)
        assert (status, body["error"]) == (400, "unsupported_grant_type")
        return
    status, body, _ = await post(http, url, params=given)
    assert status == 200
    claims = peek(body["access_token"])
    assert (claims["eventId"], claims["actionId"]) == (given["event_id"], given["action_id"])
    broken = {**given, "subject_token": "eyJ.eyJ.x"}
    status, body, _ = await post(http, url, params=broken)
    assert (status, body) == (
        401,
        {"error": "unauthorized_client", "error_description": "Invalid subject token"},
    )
    del given["action_id"]
    assert (await post(http, url, params=given))[1]["error"] == "invalid_request"
