"""A console beside the three servers, on real time; and a browser for those tests that look at the page.

Everything of a module shares one event loop and one set of servers: the browser lives as long as they do.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, async_playwright

from scenarios.console import app
from scenarios.console.settings import Settings
from scenarios.stage.credentials import OPERATIONS_TOKEN
from scenarios.stage.environment import Environment
from scenarios.stage.ports import Ports
from scenarios.stage.servers import Servers
from scenarios.story import Setup
from tests.programs.packages import package
from wire.world import World

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
AXE = "4.14.1"
AXE_SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"


@dataclass(frozen=True)
class House:
    """Servers and console; `url` is that of the page."""

    servers: Servers
    console: app.RunningConsole
    world: World
    http: ClientSession

    @property
    def url(self) -> str:
        return self.console.url

    async def act(self, path: str, body: object, origin: str | None = None) -> tuple[int, dict[str, object]]:
        """Press one of the page's buttons."""
        return await self.post(f"/acts/{path}", body, origin)

    async def post(self, path: str, body: object, origin: str | None = None) -> tuple[int, dict[str, object]]:
        """POST as the page does."""
        headers = {"Origin": origin or self.url, "Content-Type": "application/json"}
        async with self.http.post(self.url + path, data=json.dumps(body), headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(rehearsal_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    world = World.system(3)
    async with AsyncExitStack() as stack:
        environment = Environment(
            Setup(client=True),
            world,
            profile="2.0",
            folder=tmp_path_factory.mktemp("bridge"),
            keys=rehearsal_keys,
            ports=Ports(),
        )
        running = await environment.start()
        stack.push_async_callback(running.close)
        settings = Settings(port=0, poll_seconds=0.3)
        console = await app.start(settings, running, OPERATIONS_TOKEN, world)
        stack.push_async_callback(console.close)
        http = await stack.enter_async_context(ClientSession())
        yield House(running, console, world, http)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def axe(node: Path) -> str:
    """The source of axe-core."""
    return (package("axe-core", AXE, AXE_SHA256) / "axe.min.js").read_text(encoding="utf-8")
