"""Log-in, tokens and the gateway's refusals in hapi's and OAuth's own words (contract §2.4, §2.5)."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from mock_opencrvs.oauth import EXCHANGE
from testbed.browser import Browser
from tests.servers.mock_opencrvs.conftest import Start
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import peek

every_profile = pytest.mark.parametrize("profile", list(Profile))
UNAUTHORIZED = {"statusCode": 401, "error": "Unauthorized", "message": "Unauthorized"}


async def _post(
    http: aiohttp.ClientSession, url: str, **how: Any
) -> tuple[int, Any, aiohttp.typedefs.LooseHeaders]:
    async with http.post(url, **how) as response:
        return response.status, await response.json(content_type=None), dict(response.headers)


@every_profile
@pytest.mark.requirement("OCRVS-TOK-06")
async def test_a_log_in(http: aiohttp.ClientSession, opencrvs: Running, profile: Profile) -> None:
    user = {"username": "k.mweene", "password": "test"}
    status, step, headers = await _post(http, f"{opencrvs.gateway_url}/auth/authenticate", json=user)
    assert status == 200
    assert set(step) == {"nonce", "mobile", "email", "status"}
    assert dict(headers)["Content-Type"] == "application/octet-stream"
    code = {"nonce": step["nonce"], "code": "000000"}
    status, done, _ = await _post(http, f"{opencrvs.auth_url}/verifyCode", json=code)
    claims = peek(done["token"])
    assert claims["role"] == "LOCAL_REGISTRAR"
    assert claims["exp"] - claims["iat"] == 604_800
    assert ("opencrvs:events-user" in claims["aud"]) is (profile is not Profile.V1_9)
    joiner, grammar = ("|", "workqueue[id=") if profile is Profile.V1_9 else (",", "type=workqueue&ids=")
    queues = next(scope for scope in claims["scope"] if scope.startswith(grammar))
    assert f"{joiner}in-external-validation" in queues
    status, body, _ = await _post(http, f"{opencrvs.auth_url}/verifyCode", json=code)
    assert (status, body) == (401, UNAUTHORIZED), "a nonce is good for one log-in"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"username": "k.mweene", "password": "wrong"}, 401),
        ({"username": "nobody", "password": "test"}, 401),
        ({"username": "k.mweene", "password": "test", "more": 1}, 400),
        ({"username": "k.mweene"}, 400),
        ([], 400),
    ],
)
@pytest.mark.requirement("OCRVS-TOK-07")
async def test_a_log_in_that_fails(
    http: aiohttp.ClientSession, opencrvs: Running, payload: Any, expected: int
) -> None:
    status, body, _ = await _post(http, f"{opencrvs.auth_url}/authenticate", json=payload)
    assert status == expected
    assert body["statusCode"] == expected


@pytest.mark.requirement("OCRVS-TOK-07")
async def test_a_deactivated_user_is_403(http: aiohttp.ClientSession, opencrvs: Running) -> None:
    async with http.patch(
        f"{opencrvs.gateway_url}/admin/users/k.mweene", json={"status": "deactivated"}
    ) as changed:
        assert changed.status == 200
    user = {"username": "k.mweene", "password": "test"}
    status, _, _ = await _post(http, f"{opencrvs.auth_url}/authenticate", json=user)
    assert status == 403


async def test_two_factor_codes_are_drawn_and_expire(
    http: aiohttp.ClientSession, start_opencrvs: Start
) -> None:
    running = await start_opencrvs(two_factor=True)
    user = {"username": "k.mweene", "password": "test"}
    _, step, _ = await _post(http, f"{running.auth_url}/authenticate", json=user)
    zeros = {"nonce": step["nonce"], "code": "000000"}
    assert (await _post(http, f"{running.auth_url}/verifyCode", json=zeros))[0] == 401
    async with http.get(f"{running.gateway_url}/admin/codes") as response:
        (shown,) = (await response.json())["codes"]
    code = {"nonce": step["nonce"], "code": shown["code"]}
    await running.world.clock.advance(601)
    assert (await _post(http, f"{running.auth_url}/verifyCode", json=code))[0] == 401


@every_profile
@pytest.mark.requirement("OCRVS-TOK-03")
async def test_client_credentials(http: aiohttp.ClientSession, opencrvs: Running, profile: Profile) -> None:
    client = next(iter(opencrvs.people.clients.values()))
    given = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
    url = f"{opencrvs.gateway_url}/auth/token"
    by_query = await _post(http, url, params=given)
    by_body = await _post(http, url, json=given)
    by_form = await _post(http, url, data=given)
    taken = {
        Profile.V1_9: [by_query],
        Profile.V2_0: [by_query, by_body, by_form],
        Profile.V2_1: [by_body, by_form],
    }
    for answer in (by_query, by_body, by_form):
        assert answer[0] == (200 if answer in taken[profile] else 400)
    _, body, headers = taken[profile][0]
    assert set(body) == {"access_token", "token_type"}
    assert dict(headers)["Cache-Control"] == "no-store"
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
    answer = await _post(http, f"{opencrvs.auth_url}/token", **how)  # type: ignore[arg-type]
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
        status, body, _ = await _post(http, url, data=given)
        assert (status, body["error"]) == (400, "unsupported_grant_type")
        return
    status, body, _ = await _post(http, url, params=given)
    assert status == 200
    claims = peek(body["access_token"])
    assert (claims["eventId"], claims["actionId"]) == (given["event_id"], given["action_id"])
    broken = {**given, "subject_token": "eyJ.eyJ.x"}
    status, body, _ = await _post(http, url, params=broken)
    assert (status, body) == (
        401,
        {"error": "unauthorized_client", "error_description": "Invalid subject token"},
    )
    del given["action_id"]
    assert (await _post(http, url, params=given))[1]["error"] == "invalid_request"


@pytest.mark.requirement("OCRVS-TOK-02")
async def test_the_public_key_is_text_and_rotates(http: aiohttp.ClientSession, opencrvs: Running) -> None:
    async def key() -> str:
        async with http.get(f"{opencrvs.auth_url}/.well-known") as response:
            assert response.headers["Content-Type"] == "application/octet-stream"
            return await response.text()

    first = await key()
    assert first.startswith("-----BEGIN PUBLIC KEY-----")
    await _post(http, f"{opencrvs.gateway_url}/admin/keys/rotate")
    assert await key() != first
    async with http.get(f"{opencrvs.auth_url}/.well-known/jwks.json") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Missing authentication"),
        ("Bearer nonsense", "Missing authentication"),
        ("Basic eA==", "Missing authentication"),
    ],
)
@pytest.mark.requirement("OCRVS-TOK-08")
async def test_the_gateway_without_a_token(
    http: aiohttp.ClientSession, opencrvs: Running, authorization: str | None, message: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    async with http.get(f"{opencrvs.gateway_url}/events/event.config.get", headers=headers) as response:
        assert response.status == 401
        assert await response.json() == {"statusCode": 401, "error": "Unauthorized", "message": message}
        assert response.headers["WWW-Authenticate"].startswith('Token error="')
        assert response.headers["X-Version"] == "2.0.0"


@pytest.mark.requirement("OCRVS-TOK-08")
async def test_the_gateway_with_a_bad_token(
    http: aiohttp.ClientSession, opencrvs: Running, registrar: Browser
) -> None:
    token = await registrar.log_in()

    async def refusal(bearer: str) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"}
        async with http.get(f"{opencrvs.gateway_url}/events/locations", headers=headers) as response:
            assert response.status == 401
            return await response.json()

    body = await refusal(token[:-6] + "AAAAAA")
    assert body["message"] == "Invalid token"
    assert body["attributes"] == {"error": "Invalid token"}
    await opencrvs.world.clock.advance(604_801)
    assert (await refusal(token))["message"] == "Expired token"


@pytest.mark.requirement("OCRVS-TOK-11")
async def test_invalidated_tokens_count_only_when_the_gateway_looks(
    http: aiohttp.ClientSession, start_opencrvs: Start, families: Families
) -> None:
    for looks, expected in ((False, 200), (True, 401)):
        running = await start_opencrvs(check_invalid_token=looks)
        async with Browser(running.gateway_url, running.world) as registrar:
            token = await registrar.log_in()
        await _post(http, f"{running.auth_url}/invalidateToken", json={"token": token})
        checked = await _post(http, f"{running.auth_url}/verifyToken", json={"token": token})
        assert checked[1] == {"valid": False}
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get(f"{running.gateway_url}/events/locations", headers=headers) as response:
            assert response.status == expected


@pytest.mark.requirement("OCRVS-TOK-10")
async def test_the_rate_limit(http: aiohttp.ClientSession, start_opencrvs: Start) -> None:
    running = await start_opencrvs(rate_limit=2)
    user = {"username": "k.mweene", "password": "test"}
    url = f"{running.gateway_url}/auth/authenticate"
    assert [(await _post(http, url, json=user))[0] for _ in range(3)] == [200, 200, 402]
    assert (await _post(http, url, json=user))[1] == {
        "statusCode": 402,
        "error": "Rate limit exceeded",
        "message": "Too many requests within a minute. Please throttle your requests.",
    }
    await running.world.clock.advance(61)
    assert (await _post(http, url, json=user))[0] == 200


async def test_a_refreshed_token_has_no_role(
    http: aiohttp.ClientSession, opencrvs: Running, registrar: Browser
) -> None:
    payload = {"nonce": "any", "token": await registrar.log_in()}
    status, body, _ = await _post(http, f"{opencrvs.auth_url}/refreshToken", json=payload)
    assert status == 200
    assert "role" not in peek(body["token"])
