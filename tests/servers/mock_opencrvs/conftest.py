"""A mock OpenCRVS on free ports, a country server whose answers a test scripts, and people to call with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pytest_aiohttp.plugin import AiohttpServer

from mock_opencrvs.app import Running, start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.profiles import Profile
from wire.world import World

Start = Callable[..., Awaitable[Running]]
Enter = Callable[..., Browser]


@pytest.fixture(scope="session")
def keys(rehearsal_keys: Path) -> Path:
    return rehearsal_keys


@pytest.fixture
def world() -> World:
    return World.virtual(seed=7)


@pytest.fixture
def profile() -> Profile:
    """Override by `@pytest.mark.parametrize("profile", …)`."""
    return Profile.V2_0


@pytest.fixture
async def country(aiohttp_server: AiohttpServer) -> CountryServer:
    return await CountryServer().open(aiohttp_server)


@pytest.fixture
async def start_opencrvs(
    world: World, country: CountryServer, keys: Path, profile: Profile
) -> AsyncIterator[Start]:
    started: list[Running] = []

    async def begin(**settings: Any) -> Running:
        given = {"gateway_port": 0, "auth_port": 0, "country_config_url": country.url, "keys": keys}
        running = await start(Settings(**{**given, "profile": profile, **settings}), world)
        started.append(running)
        return running

    yield begin
    for running in started:
        await running.close()


@pytest.fixture
async def opencrvs(start_opencrvs: Start) -> Running:
    return await start_opencrvs()


@pytest.fixture
async def enter(opencrvs: Running, world: World, profile: Profile) -> AsyncIterator[Enter]:
    """Make a browser: by user name, or with a token of one's own."""
    opened: list[Browser] = []

    def make(username: str = "k.mweene", token: str | None = None) -> Browser:
        browser = Browser(opencrvs.gateway_url, world, username=username, profile=profile)
        browser.token = token
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        await browser.close()


@pytest.fixture
def registrar(enter: Enter) -> Browser:
    return enter()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def families(world: World) -> Families:
    return Families(world)
