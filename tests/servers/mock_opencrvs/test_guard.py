"""/admin of the mock OpenCRVS is for programs, not for pages of another origin."""

from __future__ import annotations

from typing import Any

import aiohttp

from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.guarded import allowed, is_refused, is_reset, refused
from tests.servers.mock_opencrvs.conftest import Start
from wire.world import World


async def _declared(start_opencrvs: Start, world: World, **settings: Any) -> Any:
    running = await start_opencrvs(**settings)
    async with Browser(running.gateway_url, world) as registrar:
        await registrar.declare(Families(world).birth())
    return running


@refused
async def test_a_page_may_not(
    start_opencrvs: Start, world: World, method: str, path: str, how: dict[str, Any], status: int
) -> None:
    running = await _declared(start_opencrvs, world)
    await is_refused(running.gateway_url, method, path, how, status)
    assert len(list(running.records)) == 1


@allowed
async def test_a_program_may(start_opencrvs: Start, world: World, how: dict[str, Any]) -> None:
    running = await _declared(start_opencrvs, world, allowed_hosts="mock.test")
    await is_reset(running.gateway_url, how)
    assert not list(running.records)


async def test_the_protocols_routes_are_for_everybody(
    start_opencrvs: Start, http: aiohttp.ClientSession
) -> None:
    running = await start_opencrvs()
    headers = {"Host": "register.example", "Origin": "http://login.example"}
    async with http.get(f"{running.gateway_url}/ping", headers=headers) as answer:
        assert answer.status == 200
