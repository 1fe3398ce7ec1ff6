"""The admin routes (our own API)."""

from __future__ import annotations

import aiohttp

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import pending_registration
from tests.servers.mock_opencrvs.conftest import Start
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.world import World


async def test_a_fault_at_accept_strikes_and_says_so(
    start_opencrvs: Start,
    world: World,
    families: Families,
    country: CountryServer,
    http: aiohttp.ClientSession,
) -> None:
    opencrvs = await start_opencrvs()
    async with Browser(opencrvs.gateway_url, world) as registrar:
        pending = await pending_registration(opencrvs, registrar, families, country)
        fault = {"seam": "accept", "kind": "status", "status": 503, "record": pending.id}
        async with http.post(f"{opencrvs.gateway_url}/admin/faults", json=fault) as response:
            assert response.status == 201
        headers = {"Authorization": f"Bearer {pending.token}"}
        url = f"{opencrvs.gateway_url}/events/event.actions.register.accept"
        async with http.post(url, json={"json": pending.input()}, headers=headers) as response:
            assert response.status == 503
        async with http.post(url, json={"json": pending.input()}, headers=headers) as response:
            assert response.status == 200
    struck = [exchange for exchange in opencrvs.journal if exchange.faults]
    assert [exchange.faults for exchange in struck] == [("status 503 at accept",)]


async def test_clients_and_users_can_be_added(
    opencrvs: Running, http: aiohttp.ClientSession, world: World
) -> None:
    office = "b3d1c2aa-0000-4000-8000-00000000000f"
    person = {
        "username": "a.zulu",
        "firstname": "Ana",
        "surname": "Zulu",
        "role": "LOCAL_REGISTRAR",
        "office": office,
    }
    async with http.post(f"{opencrvs.gateway_url}/admin/users", json=person) as response:
        assert response.status == 201
    async with http.post(f"{opencrvs.gateway_url}/admin/users", json=person) as response:
        assert response.status == 409
    async with Browser(opencrvs.gateway_url, world, username="a.zulu") as registrar:
        assert (await registrar.user())["name"] == {"firstname": "Ana", "surname": "Zulu"}
    client = {"name": "Ministry", "scopes": ["type=record.read"]}
    async with http.post(f"{opencrvs.gateway_url}/admin/clients", json=client) as response:
        made = await response.json()
    given = {"grant_type": "client_credentials", "client_id": made["id"], "client_secret": made["secret"]}
    async with http.post(f"{opencrvs.auth_url}/token", data=given) as response:
        assert response.status == 200
