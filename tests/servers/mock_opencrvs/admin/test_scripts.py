"""The script routes (our own API)."""

from __future__ import annotations

import aiohttp
import pytest

from mock_opencrvs.app import Running
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.profiles import Profile


@pytest.mark.parametrize("profile", list(Profile))
async def test_the_script_routes_play_a_registrar(
    opencrvs: Running, http: aiohttp.ClientSession, country: CountryServer
) -> None:
    script = f"{opencrvs.gateway_url}/admin/script"
    async with http.post(f"{script}/declare", json={"child": {"surname": "Rejected"}}) as response:
        assert response.status == 201
        declared = await response.json()
    assert declared["name"].endswith(" Rejected")
    country.will("REGISTER", 202)
    async with http.post(f"{script}/register", json={"record": declared["trackingId"]}) as response:
        assert response.status == 200
    async with http.post(f"{script}/wait", json={"record": declared["record"]}) as response:
        assert (await response.json())["in"] is True
    async with http.get(f"{script}/queues/in-external-validation") as response:
        assert [row["id"] for row in (await response.json())["results"]] == [declared["record"]]
    async with http.get(f"{opencrvs.gateway_url}/admin/records/{declared['trackingId']}") as response:
        shown = await response.json()
    assert shown["flags"] == shown["indexedFlags"] == ["register:requested"]
    async with http.post(f"{script}/register", json={"record": "NOPE"}) as response:
        assert response.status == 404
    async with http.post(f"{script}/declare", json={"username": "nobody"}) as response:
        assert response.status == 404
