"""How often a person may log in."""

from __future__ import annotations

import aiohttp
import pytest

from tests.servers.mock_opencrvs.conftest import Start
from tests.servers.mock_opencrvs.logging_in import post


@pytest.mark.requirement("OCRVS-TOK-10")
async def test_the_rate_limit(http: aiohttp.ClientSession, start_opencrvs: Start) -> None:
    running = await start_opencrvs(rate_limit=2)
    user = {"username": "k.mweene", "password": "test"}
    url = f"{running.gateway_url}/auth/authenticate"
    assert [(await post(http, url, json=user))[0] for _ in range(3)] == [200, 200, 402]
    assert (await post(http, url, json=user))[1] == {
        "statusCode": 402,
        "error": "Rate limit exceeded",
        "message": "Too many requests within a minute. Please throttle your requests.",
    }
    await running.world.clock.advance(61)
    assert (await post(http, url, json=user))[0] == 200
