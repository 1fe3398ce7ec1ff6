"""The gateway's refusals in hapi's own words (contract §2.4, §2.5)."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.conftest import Start
from tests.servers.mock_opencrvs.logging_in import post


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Missing authentication"),
        ("Bearer nonsense", "Missing authentication"),
        ("Basic eA==", "Missing authentication"),
        ("Bearer", "Missing authentication"),
        ("Bearer a.b", "Missing authentication"),
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
        assert "X-Version" not in response.headers, "hapi's own errors name none"


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
        await post(http, f"{running.auth_url}/invalidateToken", json={"token": token})
        checked = await post(http, f"{running.auth_url}/verifyToken", json={"token": token})
        assert checked[1] == {"valid": False}
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get(f"{running.gateway_url}/events/locations", headers=headers) as response:
            assert response.status == expected


@pytest.mark.requirement("OCRVS-RPC-03")
async def test_a_batch_of_mixed_results_is_207(
    opencrvs: Running, http: aiohttp.ClientSession, registrar: Browser
) -> None:
    await registrar.log_in()
    body = {
        "0": {"json": {"type": "birth", "transactionId": "b-1"}},
        "1": {"json": {"type": "wedding", "transactionId": "b-2"}},
    }
    url = f"{opencrvs.gateway_url}/events/event.create,event.create?batch=1"
    headers = {"Authorization": f"Bearer {registrar.token}", "Content-Type": "application/json"}
    async with http.post(url, data=json.dumps(body), headers=headers) as response:
        assert response.status == 207
        assert response.headers["Vary"].startswith("trpc-accept,origin")
        assert response.headers["Cache-Control"] == "no-cache"
        good, bad = await response.json()
    assert good["result"]["data"]["json"]["type"] == "birth"
    assert bad["error"]["json"]["data"]["code"] == "BAD_REQUEST"
