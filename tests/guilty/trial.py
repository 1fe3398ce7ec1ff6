"""Tries the small bridge: a process of its own with seeded defects, before the stories that are named."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, run
from tempfile import TemporaryDirectory

from scenarios.engine import Engine, Options
from scenarios.events import Listener, RunEnded, ScenarioEnded
from scenarios.foreign.bridge import BridgeVerification, Foreign, bridge_verification
from scenarios.foreign.hooks import Commands
from scenarios.judging.verdicts import Ruling
from scenarios.library import choose
from scenarios.stage.ports import Ports
from scenarios.stage.setup import FAST
from scenarios.story import Story
from tests.kit import ROOT
from tests.scenarios.test_verifying import free_ports
from wire.keyfolder import KeyFolder
from wire.world import World

SHELL = ("/bin/sh", "-c")
SUBSCRIBE_SECONDS = 90.0


@contextmanager
def small_bridge(
    ports: Ports, keys: Path, folder: Path, *, profile: str, defects: Iterable[str] = (), **more: str
) -> Iterator[Commands]:
    """It runs, with the commands that kill it and start it again; its log is `log` in the folder."""
    local = "http://127.0.0.1"
    KeyFolder(keys).ensure()
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
    program = f"{sys.executable} -m tests.guilty.small_bridge"
    start = f"cd {ROOT}; {words} {program} 2>>{folder / 'log'} & echo $! >{folder / 'pid'}"
    kill = f"kill -9 $(cat {folder / 'pid'}) || true"
    hands = Commands(kill, start, f"{local}:{ports.trigger}", World.system(), 20)
    run([*SHELL, start], check=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield hands
    finally:
        run([*SHELL, kill], check=True, stderr=DEVNULL)


@asynccontextmanager
async def before_the_judge(
    keys: Path,
    *,
    profile: str = "2.0",
    defects: Iterable[str] = (),
    patience: float | None = 12,
    hands: bool = True,
    seconds: float = SUBSCRIBE_SECONDS,
    tell: Callable[[str], None] = lambda text: None,
    **more: str,
) -> AsyncIterator[BridgeVerification]:
    """The mocks and the small bridge, for the length of the block."""
    ports = free_ports()
    with TemporaryDirectory(prefix="small-", dir=FAST) as name:
        folder = Path(name)
        with small_bridge(ports, keys, folder, profile=profile, defects=defects, **more) as commands:
            url = f"http://127.0.0.1:{ports.trigger}"
            given = commands if hands else None
            foreign = Foreign(url, url, None, folder / "log", patience, given, 1.0, 1.0)
            mocks = bridge_verification(foreign, profile=profile, ports=ports, keys=keys, tell=tell)
            async with mocks as found:
                await found.awaits_bridge(World.system(), seconds)
                yield found


async def judged(
    found: BridgeVerification, stories: Iterable[Story], profile: str = "2.0", *listeners: Listener
) -> RunEnded:
    """The run of these stories."""
    options = Options(profile=profile, real_time=True)
    engine = Engine(found.open_stage, options, listeners, found.foreign.trigger_url, found.foreign.lacks())
    return await engine.run(stories)


async def tried(
    keys: Path, defect: str, names: Iterable[str], profile: str = "2.0", *listeners: Listener
) -> RunEnded:
    """What comes of the bridge with one defect in these stories."""
    stories = choose(names)
    async with before_the_judge(keys, profile=profile, defects=[defect]) as found:
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
