"""Tries the small bridge: a process of its own with seeded defects, before the stories that are named."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, run
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientError, ClientSession, web

from scenarios.engine import Engine, Options
from scenarios.events import Listener, RunEnded, ScenarioEnded
from scenarios.foreign.bridge import BridgeVerification, Foreign, bridge_verification
from scenarios.foreign.hooks import Commands, silences
from scenarios.judging.verdicts import Ruling
from scenarios.library import choose
from scenarios.stage.ports import Ports
from scenarios.stage.setup import FAST
from scenarios.story import Story
from tests.guilty.defects import Defect
from tests.kit import ROOT
from tests.scenarios.test_verifying import free_ports
from wire.world import World

SHELL = ("/bin/sh", "-c")
START_SECONDS = SUBSCRIBE_SECONDS = 90.0
IN_MODE: dict[str, Any] = {
    "async": {},
    "verifying": {"VERIFY": "1"},
    "sync": {"MODE": "sync", "seconds": 6.0},
}
"""A synchronous bridge never subscribes: nothing is waited for."""


@contextmanager
def small_bridge(
    ports: Ports, keys: Path, folder: Path, *, profile: str, defects: Iterable[str] = (), **more: str
) -> Iterator[Commands]:
    """It runs, with the commands that kill it and start it again; its log is `log` in the folder."""
    local = "http://127.0.0.1"
    variables = {
        "PORT": str(ports.trigger),
        "PROFILE": profile,
        "GATEWAY": f"{local}:{ports.gateway}",
        "AUTH": f"{local}:{ports.auth}",
        "NID": f"{local}:{ports.nid}",
        "DATABASE": str(folder / "small.db"),
        "P12": str(keys / "partner.p12"),
        "DEFECTS": ",".join(defects),
        **more,
    }
    words = " ".join(f"SMALL_{name}='{value}'" for name, value in variables.items())
    program = f"{shlex.quote(sys.executable)} -m tests.guilty.small_bridge"
    start = f"cd {shlex.quote(str(ROOT))}; {words} {program} 2>>{folder / 'log'} & echo $! >{folder / 'pid'}"
    kill = f"kill -9 $(cat {folder / 'pid'}) || true"
    hooks = Commands(kill, start, (f"{local}:{ports.trigger}",), World.system(), 20)
    run([*SHELL, start], check=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield hooks
    finally:
        run([*SHELL, kill], check=True, stderr=DEVNULL)


@asynccontextmanager
async def country_before(bridge: str) -> AsyncIterator[str]:
    """A country's own server: it asks the bridge behind it, and says 500 when that is gone."""

    async def passes_on(request: web.Request) -> web.Response:
        headers = {"Authorization": request.headers.get("Authorization", "")}
        try:
            sent = session.request(
                request.method, bridge + request.path, headers=headers, data=await request.read()
            )
            async with sent as answer:
                return web.Response(status=answer.status, body=await answer.read())
        except ClientError:
            return web.Response(status=500)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", passes_on)
    runner = web.AppRunner(app)
    async with ClientSession() as session:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


@asynccontextmanager
async def before_the_judge(
    keys: Path,
    *,
    profile: str = "2.0",
    defects: Iterable[str] = (),
    patience: float | None = 12,
    hooks: bool = True,
    seconds: float = SUBSCRIBE_SECONDS,
    tell: Callable[[str], None] = lambda text: None,
    behind_a_country: bool = False,
    **more: str,
) -> AsyncIterator[BridgeVerification]:
    """The mocks and the small bridge, for the length of the block; it may be a mediator's place behind a
    country's own server, which lives on without it.
    """
    ports = free_ports()
    with TemporaryDirectory(prefix="small-", dir=FAST) as name:
        folder = Path(name)
        with small_bridge(ports, keys, folder, profile=profile, defects=defects, **more) as commands:
            url = f"http://127.0.0.1:{ports.trigger}"
            given = commands if hooks else None
            async with AsyncExitStack() as opened:
                asked = await opened.enter_async_context(country_before(url)) if behind_a_country else url
                foreign = Foreign(asked, url, None, folder / "log", patience, given, 1.0, 1.0)
                mocks = bridge_verification(foreign, profile=profile, ports=ports, keys=keys, tell=tell)
                found = await opened.enter_async_context(mocks)
                assert not await silences(foreign.addresses, World.system(), START_SECONDS)
                await found.awaits_bridge(World.system(), seconds)
                yield found


async def judged(
    found: BridgeVerification, stories: Iterable[Story], profile: str = "2.0", *listeners: Listener
) -> RunEnded:
    """The run of these stories."""
    options = Options(profile=profile, real_time=True)
    engine = Engine(found.open_stage, options, listeners, found.foreign.trigger_url, found.foreign.lacks())
    return await engine.run(stories)


async def tried(keys: Path, defect: Defect, names: Iterable[str], *listeners: Listener) -> RunEnded:
    """What comes of the bridge with one defect in these stories."""
    stories, profile = choose(names), defect.profile
    async with before_the_judge(
        keys, profile=profile, defects=[defect.name], **IN_MODE[defect.mode]
    ) as found:
        return await judged(found, stories, profile, *listeners)


def told(ending: ScenarioEnded) -> str:
    """Everything that a story says against the bridge, in one text."""
    findings = [
        f"promise {verdict.promise.number}: {finding.what}"
        for verdict in ending.verdicts
        if verdict.ruling is Ruling.BROKEN
        for finding in verdict.findings
    ]
    return " · ".join([*ending.failures, *findings, ending.means])
