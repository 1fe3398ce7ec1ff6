"""`rehearse verify`, black-box: our own bridge in a process of its own, and one with known faults."""

from __future__ import annotations

import io
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, run
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from rich.console import Console

from bridge.settings import Settings
from scenarios.engine import Engine, Options
from scenarios.events import RunEnded, StoryOutcome
from scenarios.foreign.bridge import Foreign, bridge_verification
from scenarios.foreign.hooks import Commands, NotThere
from scenarios.library import choose
from scenarios.reports.terminal import TerminalReport
from scenarios.stage.credentials import OPERATIONS_TOKEN
from scenarios.stage.ports import Ports
from scenarios.stage.setup import FAST
from tests.kit import ROOT
from tests.ports import free_port
from tests.scenarios.broken_bridge import BrokenBridge
from wire.world import World

WORLD = World.system()
SHELL = ("/bin/sh", "-c")


def free_ports() -> Ports:
    return Ports(*(free_port() for _ in range(6)))


def environment(ports: Ports, keys: Path, folder: Path) -> dict[str, str]:
    nid, auth = f"http://127.0.0.1:{ports.nid}", f"http://127.0.0.1:{ports.auth}"
    return {
        "PORT": str(ports.mediator),
        "BRIDGE_TRIGGER_PORT": str(ports.trigger),
        "BRIDGE_OPERATIONS_TOKEN": OPERATIONS_TOKEN,
        "BRIDGE_DATABASE_URL": f"sqlite:///{folder / 'bridge.db'}",
        "REHEARSAL_KEYS": str(keys),
        "BRIDGE_RETRY_SECONDS": "0.2",
        "BRIDGE_RETRY_LONGEST_SECONDS": "1",
        "OPENCRVS_GATEWAY_URL": f"http://127.0.0.1:{ports.gateway}",
        "OPENCRVS_AUTH_URL": auth,
        "OPENCRVS_PUBLIC_KEY_URL": f"{auth}/.well-known",
        "MOSIP_AUTH_URL": f"{nid}/v1/authmanager/authenticate/clientidsecretkey",
        "MOSIP_CREATE_PACKET_URL": f"{nid}/commons/v1/packetmanager/createPacket",
        "MOSIP_PROCESS_PACKET_URL": f"{nid}/registrationprocessor/v1/workflowmanager/workflowinstance",
        "MOSIP_STATUS_URL": f"{nid}/registrationprocessor/v1/registrationstatus/externalstatus/search",
        "MOSIP_TRANSACTION_URL": f"{nid}/registrationprocessor/v1/registrationtransaction/search",
        "MOSIP_IDENTITY_URL": f"{nid}/idrepository/v1/identity",
        "MOSIP_VID_URL": f"{nid}/idrepository/v1/vid",
        "MOSIP_WEBSUB_HUB_URL": f"{nid}/websub/hub",
        "MOSIP_WELL_KNOWN_URL": f"{nid}/.well-known",
        "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{nid}/.well-known/public-key.json",
    }


@contextmanager
def bridge_process(variables: dict[str, str], log: Path) -> Iterator[Commands]:
    """Our bridge as a process of its own, with the commands that kill it and start it again."""
    pid = log.with_suffix(".pid")
    words = " ".join(f"{name}='{value}'" for name, value in variables.items())
    start = f"{words} {shlex.quote(sys.executable)} -m bridge 2>>{log} & echo $! >{pid}"
    listens = [f"http://127.0.0.1:{variables[name]}" for name in ("BRIDGE_TRIGGER_PORT", "PORT")]
    hooks = Commands(f"kill -9 $(cat {pid})", start, tuple(listens), WORLD)
    run([*SHELL, start], cwd=ROOT, check=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield hooks
    finally:
        run([*SHELL, hooks.kill_command], check=True)


async def verified(foreign: Foreign, ports: Ports, keys: Path, *names: str) -> RunEnded:
    async with bridge_verification(foreign, profile="2.0", ports=ports, keys=keys) as stage:
        await stage.awaits_bridge(World.system(), 60)
        options = Options(profile="2.0", real_time=True)
        engine = Engine(stage.open_stage, options, [], foreign.trigger_url, foreign.lacks())
        return await engine.run(choose(names))


def addresses(ports: Ports) -> tuple[str, str]:
    return f"http://127.0.0.1:{ports.trigger}", f"http://127.0.0.1:{ports.mediator}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where the system has such a place: under load a disk may take seconds for a commit."""
    with TemporaryDirectory(prefix="bridge-", dir=FAST) as name:
        yield Path(name)


async def test_our_own_bridge_in_its_own_process_passes(rehearsal_keys: Path, folder: Path) -> None:
    ports, log = free_ports(), folder / "bridge.log"
    names = (
        "async_rejection",
        "death",
        "forged_callbacks",
        "killed_after_delivery",
        "nid_down_at_submit",
        "stalled",
    )
    with bridge_process(environment(ports, rehearsal_keys, folder), log) as hooks:
        foreign = Foreign(*addresses(ports), OPERATIONS_TOKEN, log, 30, hooks)
        ended_run = await verified(foreign, ports, rehearsal_keys, *names, "stalled")
    ended = {ending.story.name: ending for ending in ended_run.endings}
    assert ended.pop("stalled").outcome is StoryOutcome.NOT_PLAYED
    for ending in ended.values():
        assert ending.outcome is StoryOutcome.PASSED, (ending.story.name, ending.failures, ending.verdicts)
        assert all(verdict.kept for verdict in ending.verdicts)


class Double:
    """The bridge with mistakes, in somebody's hands: killed, it leaves its disk to the next one."""

    can_kill = True

    def __init__(self, ports: Ports, keys: Path, *mistakes: str) -> None:
        self.settings, self.mistakes = Settings(**environment(ports, keys, keys)), frozenset(mistakes)
        self.disk: dict[str, Any] = {}
        self.running: BrokenBridge | None = None

    async def start(self) -> None:
        made = BrokenBridge(self.settings, World.system(), self.mistakes, self.disk)
        self.running = await made.start()

    async def kill(self) -> None:
        if self.running is not None:
            await self.running.kill()


FAULTS = {
    "unsigned": "takes deliveries that the hub did not sign",
    "forgetful": "before the confirmation has taken effect",
    "hasty": "answers the hub before it has stored the delivery",
}
"""A mistake of the double, and the words that name it."""


async def told_faults(keys: Path, *mistakes: str) -> set[str]:
    """Which of FAULTS the verdict names for a bridge with these mistakes, each by a scenario of its own."""
    failed, told = await double_verified(keys, *mistakes)
    named = {mistake for mistake, words in FAULTS.items() if words in told}
    assert len(failed) == len(named), (failed, told)
    return named


async def double_verified(keys: Path, *mistakes: str) -> tuple[set[str], str]:
    """The stories that a bridge with these mistakes failed, and what the report says."""
    ports = free_ports()
    hooks = Double(ports, keys, *mistakes)
    foreign = Foreign(*addresses(ports), patience=4, hooks=hooks)
    names = ("forged_callbacks", "opencrvs_down_at_confirm", "killed_after_delivery", "duplicate_delivery")
    out = io.StringIO()
    async with bridge_verification(foreign, profile="2.0", ports=ports, keys=keys) as stage:
        await hooks.start()
        try:
            await stage.awaits_bridge(World.system(), 30)
            listeners = [TerminalReport(Console(file=out, width=1000), tells=False, quiet=True)]
            options = Options(real_time=True)
            engine = Engine(stage.open_stage, options, listeners, foreign.trigger_url, foreign.lacks())
            run = await engine.run(choose(names))
        finally:
            await hooks.kill()
    failed = {ending.story.name for ending in run.endings if ending.outcome is not StoryOutcome.PASSED}
    return failed, out.getvalue()


@pytest.mark.parametrize(
    ("mistake", "story"),
    [
        ("headerless", "forged_callbacks"),
        ("any_topic", "forged_callbacks"),
        ("copies_refused", "duplicate_delivery"),
    ],
)
async def test_what_is_wrong_in_one_thing_only_convicts(
    mistake: str, story: str, rehearsal_keys: Path
) -> None:
    failed, told = await double_verified(rehearsal_keys, mistake)
    assert failed == {story}, told


async def test_without_a_mistake_the_double_passes(rehearsal_keys: Path) -> None:
    assert await told_faults(rehearsal_keys) == set()


@pytest.mark.parametrize("mistake", FAULTS)
async def test_each_fault_of_a_bridge_is_named_and_no_other(mistake: str, rehearsal_keys: Path) -> None:
    assert await told_faults(rehearsal_keys, mistake) == {mistake}


async def test_all_faults_at_once_are_named_one_by_one(rehearsal_keys: Path) -> None:
    assert await told_faults(rehearsal_keys, *FAULTS) == set(FAULTS)


async def test_a_bridge_that_is_not_there_is_named(rehearsal_keys: Path) -> None:
    ports = free_ports()
    foreign = Foreign(*addresses(ports))
    async with bridge_verification(foreign, profile="2.0", ports=ports, keys=rehearsal_keys) as stage:
        with pytest.raises(NotThere, match="does not answer"):
            await stage.awaits_bridge(World.system(), 0.5)
