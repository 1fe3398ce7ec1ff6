"""Log-in of people, and the public key (contract §2.4, §2.5)."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from mock_opencrvs.app import Running
from testbed.browser import Browser
from tests.servers.mock_opencrvs.conftest import Start
from tests.servers.mock_opencrvs.logging_in import every_profile, post
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import peek

UNAUTHORIZED = {"statusCode": 401, "error": "Unauthorized", "message": "Unauthorized"}


@every_profile
@pytest.mark.requirement("OCRVS-TOK-06")
async def test_a_log_in(http: aiohttp.ClientSession, opencrvs: Running, profile: Profile) -> None:
    user = {"username": "k.mweene", "password": "test"}
    status, step, headers = await post(http, f"{opencrvs.gateway_url}/auth/authenticate", json=user)
    assert status == 200
    assert set(step) == {"nonce", "mobile", "email", "status"}
    assert dict(headers)["Content-Type"] == "application/octet-stream"
    code = {"nonce": step["nonce"], "code": "000000"}
    status, done, _ = await post(http, f"{opencrvs.auth_url}/verifyCode", json=code)
    claims = peek(done["token"])
    assert claims["role"] == "LOCAL_REGISTRAR"
    assert claims["exp"] - claims["iat"] == 604_800
    assert ("opencrvs:events-user" in claims["aud"]) is (profile is not Profile.V1_9)
    joiner, grammar = ("|", "workqueue[id=") if profile is Profile.V1_9 else (",", "type=workqueue&ids=")
    queues = next(scope for scope in claims["scope"] if scope.startswith(grammar))
    assert f"{joiner}in-external-validation" in queues
    status, body, _ = await post(http, f"{opencrvs.auth_url}/verifyCode", json=code)
    assert (status, body) == (401, UNAUTHORIZED), "a nonce is good for one log-in"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"username": "k.mweene", "password": "wrong"}, 401),
        ({"username": "nobody", "password": "test"}, 401),
        ({"username": "k.mweene", "password": "test", "more": 1}, 400),
        ({"username": "k.mweene"}, 401),
        ({"username": "k.mweene", "password": ""}, 400),
        ({"username": "k.mweene", "password": 5}, 400),
        ([], 400),
    ],
)
@pytest.mark.requirement("OCRVS-TOK-07")
async def test_a_log_in_that_fails(
    http: aiohttp.ClientSession, opencrvs: Running, payload: Any, expected: int
) -> None:
    status, body, _ = await post(http, f"{opencrvs.auth_url}/authenticate", json=payload)
    assert status == expected
    assert body["statusCode"] == expected


@pytest.mark.requirement("OCRVS-TOK-07")
async def test_a_deactivated_user_is_403(http: aiohttp.ClientSession, opencrvs: Running) -> None:
    async with http.patch(
        f"{opencrvs.gateway_url}/admin/users/k.mweene", json={"status": "deactivated"}
    ) as changed:
        assert changed.status == 200
    user = {"username": "k.mweene", "password": "test"}
    status, _, _ = await post(http, f"{opencrvs.auth_url}/authenticate", json=user)
    assert status == 403


async def test_two_factor_codes_are_drawn_and_expire(
    http: aiohttp.ClientSession, start_opencrvs: Start
) -> None:
    running = await start_opencrvs(two_factor=True)
    user = {"username": "k.mweene", "password": "test"}
    _, step, _ = await post(http, f"{running.auth_url}/authenticate", json=user)
    zeros = {"nonce": step["nonce"], "code": "000000"}
    assert (await post(http, f"{running.auth_url}/verifyCode", json=zeros))[0] == 401
    async with http.get(f"{running.gateway_url}/admin/codes") as response:
        (shown,) = (await response.json())["codes"]
    code = {"nonce": step["nonce"], "code": shown["code"]}
    await running.world.clock.advance(601)
    assert (await post(http, f"{running.auth_url}/verifyCode", json=code))[0] == 401


@pytest.mark.requirement("OCRVS-TOK-02")
async def test_the_public_key_is_text_and_rotates(http: aiohttp.ClientSession, opencrvs: Running) -> None:
    async def key() -> str:
        async with http.get(f"{opencrvs.auth_url}/.well-known") as response:
            assert response.headers["Content-Type"] == "application/octet-stream"
            return await response.text()

    first = await key()
    assert first.startswith("-----BEGIN PUBLIC KEY-----")
    await post(http, f"{opencrvs.gateway_url}/admin/keys/rotate")
    assert await key() != first
    async with http.get(f"{opencrvs.auth_url}/.well-known/jwks.json") as response:
        assert response.status == 404


async def test_a_refreshed_token_has_no_role(
    http: aiohttp.ClientSession, opencrvs: Running, registrar: Browser
) -> None:
    payload = {"nonce": "any", "token": await registrar.log_in()}
    status, body, _ = await post(http, f"{opencrvs.auth_url}/refreshToken", json=payload)
    assert status == 200
    assert "role" not in peek(body["token"])
