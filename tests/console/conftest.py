"""A console beside the three servers, on real time; and a browser for those tests that look at the page.

Everything of a module shares one event loop and one set of servers: the browser lives as long as they do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, async_playwright

from scenarios.console import app, systems
from scenarios.console.settings import Settings
from scenarios.library import Setup
from scenarios.servers import OPERATIONS_TOKEN, Ports, Servers
from scenarios.site import Site
from wire.world import World

CHROMIUM = "/usr/bin/chromium"
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
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"


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
        """POST as the page does."""
        headers = {"Origin": origin or self.url, "Content-Type": "application/json"}
        async with self.http.post(
            f"{self.url}/acts/{path}", data=json.dumps(body), headers=headers
        ) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(rehearsal_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    world = World.system(3)
    async with AsyncExitStack() as stack:
        site = Site(
            Setup(client=True),
            world,
            profile="2.0",
            folder=tmp_path_factory.mktemp("bridge"),
            keys=rehearsal_keys,
            ports=Ports(),
        )
        running = await site.start()
        stack.push_async_callback(running.close)
        console = await app.start(
            Settings(port=0, poll_seconds=0.3), systems.of(running, "2.0", world, OPERATIONS_TOKEN), world
        )
        stack.push_async_callback(console.close)
        http = await stack.enter_async_context(ClientSession())
        yield House(running, console, world, http)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Debian's browser is; on CI it has to be there."""
    if not Path(CHROMIUM).exists() and not os.environ.get("CI"):
        pytest.skip(f"{CHROMIUM} is not here: apt-get install chromium")
    return CHROMIUM


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The source of axe-core, fetched once from the npm registry and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("axe-core")
    kept = folder / f"axe-{AXE}.min.js"
    if not kept.exists():
        npm = shutil.which("npm")
        if npm is None and not os.environ.get("CI"):
            pytest.skip("npm is not here, and axe-core was not fetched before")
        subprocess.run(
            [npm or "npm", "pack", f"axe-core@{AXE}"],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=120,
        )
        with tarfile.open(folder / f"axe-core-{AXE}.tgz") as archive:
            source = archive.extractfile("package/axe.min.js")
            assert source is not None
            kept.write_bytes(source.read())
    text = kept.read_bytes()
    assert hashlib.sha256(text).hexdigest() == AXE_SHA256, f"{kept} is not the axe-core that was reviewed"
    return text.decode()
