"""`rehearse verify`, black-box: our own bridge in a process of its own, and one with known faults."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest

from bridge.settings import Settings
from scenarios.engine import Engine, Options
from scenarios.events import Outcome, RunEnded
from scenarios.library import choose
from scenarios.servers import OPERATIONS_TOKEN, Ports
from scenarios.verifying import Foreign, NotThere, theatre
from testbed.serving import free_port
from tests.scenarios.broken_bridge import BrokenBridge
from wire.world import World

ROOT = Path(__file__).resolve().parents[2]


def free_ports() -> Ports:
    return Ports(*(free_port() for _ in range(6)))


def environment(ports: Ports, keys: Path, folder: Path) -> dict[str, str]:
    nid, auth = f"http://127.0.0.1:{ports.nid}", f"http://127.0.0.1:{ports.auth}"
    issuer = "https://api-internal.mosip.example"
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
        "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{issuer}/.well-known/public-key.json",
    }


@contextmanager
def bridge_process(variables: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = Popen(
            [sys.executable, "-m", "bridge"],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdout=DEVNULL,
            stderr=out,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


async def verified(foreign: Foreign, ports: Ports, keys: Path, *names: str) -> RunEnded:
    async with theatre(foreign, profile="2.0", ports=ports, keys=keys) as stage:
        await stage.awaits_bridge(World.system(), 60)
        options = Options(profile="2.0", real_time=True)
        engine = Engine(stage.open_stage, options, [], foreign.trigger_url, foreign.lacks())
        return await engine.run(choose(names))


def addresses(ports: Ports) -> tuple[str, str]:
    return f"http://127.0.0.1:{ports.trigger}", f"http://127.0.0.1:{ports.mediator}"


async def test_our_own_bridge_in_its_own_process_passes(keys: Path, tmp_path: Path) -> None:
    ports, log = free_ports(), tmp_path / "bridge.log"
    foreign = Foreign(*addresses(ports), operations_token=OPERATIONS_TOKEN, log=log, patience=20)
    names = ("async_delay", "async_rejection", "death", "forged_callbacks", "nid_down_at_submit", "stalled")
    with bridge_process(environment(ports, keys, tmp_path), log):
        run = await verified(foreign, ports, keys, *names)
    ended = {ending.story.name: ending for ending in run.endings}
    assert ended.pop("stalled").outcome is Outcome.NOT_PLAYED
    for ending in ended.values():
        assert ending.outcome is Outcome.PASSED, (ending.story.name, ending.failures, ending.verdicts)
        assert all(verdict.kept for verdict in ending.verdicts)


@asynccontextmanager
async def double(ports: Ports, keys: Path, *mistakes: str) -> AsyncIterator[None]:
    variables = environment(ports, keys, keys)
    bridge = await BrokenBridge(Settings(**variables), World.system(), frozenset(mistakes)).start()
    try:
        yield
    finally:
        await bridge.close()


async def test_a_faulty_bridge_is_told_its_faults(keys: Path) -> None:
    ports = free_ports()
    foreign = Foreign(*addresses(ports), patience=8)
    async with (
        theatre(foreign, profile="2.0", ports=ports, keys=keys) as stage,
        double(ports, keys, "gullible", "forgetful"),
    ):
        await stage.awaits_bridge(World.system(), 30)
        options = Options(real_time=True)
        engine = Engine(stage.open_stage, options, [], foreign.trigger_url, foreign.lacks())
        run = await engine.run(choose(("forged_callbacks", "opencrvs_down_at_confirm", "async_delay")))
    ended = {ending.story.name: ending for ending in run.endings}
    broken = {
        name: {v.promise.number for v in ending.verdicts if v.ruling == "broken"}
        for name, ending in ended.items()
    }
    # unsigned deliveries are believed; the key is dropped before the confirmation took effect
    assert 5 in broken["forged_callbacks"]
    assert broken["opencrvs_down_at_confirm"] == {1}
    assert broken["async_delay"] == set()
    assert ended["async_delay"].outcome is Outcome.PASSED


async def test_a_bridge_that_is_not_there_is_named(keys: Path) -> None:
    ports = free_ports()
    foreign = Foreign(*addresses(ports))
    async with theatre(foreign, profile="2.0", ports=ports, keys=keys) as stage:
        with pytest.raises(NotThere, match="does not answer"):
            await stage.awaits_bridge(World.system(), 0.5)
