"""The bridge as a real process, killed (SIGKILL) at random moments: afterwards every record is accepted once,
with its own number and ID. Duplicated, delayed, late and lost deliveries go on all the while.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import ClientError, ClientSession

from bench.balancer import balancer
from bridge import app as bridge_app
from bridge.metrics import Metrics
from bridge.registration import State
from bridge.settings import Settings
from mock_nid import app as mock_nid
from mock_nid.packets.plans import weighted_from
from mock_nid.settings import Settings as NidSettings
from tests.servers.bridge.conftest import BIRTH
from tests.servers.bridge.replicas import Country, Moments, Replica, killed
from wire.keyfolder import KeyFolder
from wire.world import World

SEED = 20261
KILLS_PER_200 = 14
MOMENTS_PER_REGISTRATION = 12
PLANS = [
    {"weight": 5, "plan": {"outcome": "issue", "delay": "uniform:0,0.5"}},
    {"weight": 2, "plan": {"outcome": "issue", "copies": 3, "gap": 0.1}},
    {"weight": 1, "plan": {"outcome": "issue", "copies": 2, "after": 1}},
    {"weight": 1, "plan": {"outcome": "issue", "hold": 1}},
    {"weight": 1, "plan": {"outcome": "issue", "lost": True}},
]
HASTE = {
    "BRIDGE_RETRY_SECONDS": "0.1",
    "BRIDGE_RETRY_LONGEST_SECONDS": "1",
    "BRIDGE_POLL_AFTER_SECONDS": "2",
    "BRIDGE_POLL_LONGEST_SECONDS": "3",
    "BRIDGE_CREDENTIAL_GRACE_SECONDS": "1",
    "BRIDGE_LEASE_SECONDS": "3",
    "BRIDGE_CHILD_UNDER_YEARS": "none",
    "BRIDGE_LOG_LEVEL": "error",
}


@dataclass
class Scene:
    """A country, an ID system with duplicates and delays, and the moments that they tell."""

    world: World
    moments: Moments
    country: Country
    nid: mock_nid.Running
    environment: dict[str, str]
    folder: Path


@pytest.fixture
async def scene(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Scene]:
    world, moments = World.system(SEED), Moments()
    country = Country(world, keys, moments)
    await country.start()
    nid_settings = {"port": 0, "esignet_port": 0, "keys": keys.path, "processing_seconds": "0"}
    nid_settings |= {"stage_checks": "none", "hub_retry_seconds": 0.2, "hub_retries": 2}
    nid = await mock_nid.start(NidSettings(**nid_settings), world)
    nid.plans.default = weighted_from(PLANS)
    record = nid.journal.record

    def tick_and_record(*given: Any, **named: Any) -> Any:
        moments.tick()
        return record(*given, **named)

    nid.journal.record = tick_and_record  # type: ignore[method-assign]
    environment = {
        **HASTE,
        "REHEARSAL_KEYS": str(keys.path),
        "MOSIP_URL": nid.url,
        "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{nid.url}/.well-known/public-key.json",
        "OPENCRVS_GATEWAY_URL": country.url,
        "OPENCRVS_PUBLIC_KEY_URL": f"{country.url}/.well-known",
        "OPENCRVS_AUTH_URL": country.url,
    }
    yield Scene(world, moments, country, nid, environment, tmp_path)
    await nid.close()
    await country.close()


async def test_one_process_that_is_killed_again_and_again(scene: Scene, pytestconfig: pytest.Config) -> None:
    scene.environment["BRIDGE_DATABASE_URL"] = f"sqlite:///{scene.folder}/bridge.db"
    replicas = [Replica("bridge", scene.folder, scene.environment)]
    await play(scene, replicas, pytestconfig.getoption("--crash-registrations"))


async def test_three_processes_on_one_postgresql_that_are_killed_in_turn(
    scene: Scene, pytestconfig: pytest.Config, postgres: Any
) -> None:
    url = postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    scene.environment |= {"BRIDGE_DATABASE_URL": url, "BRIDGE_ENCRYPTION_KEYS": "5a" * 32}
    scene.environment["BRIDGE_REGISTRATION_NUMBER"] = "{sequence:06}/{year}"
    replicas: list[Replica] = []
    async with balancer(lambda: [replica.port for replica in replicas]) as address:
        scene.environment["MOSIP_WEBSUB_CALLBACK_URL"] = f"{address}/websub/callback"
        replicas += [Replica(name, scene.folder, scene.environment) for name in ("first", "second", "third")]
        await play(scene, replicas, pytestconfig.getoption("--crash-registrations"))


async def play(scene: Scene, replicas: Sequence[Replica], count: int) -> None:
    """Register `count` births while replicas are killed; then look at every record."""
    for replica in replicas:
        await replica.start()
    kills = max(1, count * KILLS_PER_200 // 200)
    within = 2 * count * MOMENTS_PER_REGISTRATION // kills
    async with killed(replicas, scene.moments, scene.world.with_seed(SEED + 1).chance, within):
        events = await register(scene, replicas, count)
        async with scene.world.clock.timeout(120 + count):
            await scene.country.settled.wait()
    assert sum(replica.kills for replica in replicas) >= max(1, kills // 3)
    await look(scene, events)
    await look_into_the_store(scene, events)


async def register(
    scene: Scene, replicas: Sequence[Replica], count: int, *, first: int = 0
) -> list[dict[str, Any]]:
    """Trigger `count` births, 16 at once, each until it is answered 202, every fifth one twice.

    `first`: where their tracking ids begin.
    """
    tracked = [f"{number:06d}" for number in range(first, first + count)]
    events = [scene.country.record("birth", BIRTH, tracking=tracking) for tracking in tracked]
    tokens = [scene.country.ask(event) for event in events]
    waiting = iter(range(count))
    async with ClientSession() as session:

        async def worker() -> None:
            for number in waiting:
                for _ in range(2 if number % 5 == 0 else 1):
                    await trigger(number)

        async def trigger(number: int) -> None:
            headers = {"Authorization": f"Bearer {tokens[number]}"}
            turn = number
            while True:
                replica = replicas[turn % len(replicas)]
                await replica.up.wait()
                url = f"{replica.trigger_url}/trigger/events/birth/actions/REGISTER"
                scene.moments.tick()
                try:
                    async with session.post(url, json=events[number], headers=headers) as answer:
                        await answer.read()
                        if answer.status == 202:
                            return
                        assert answer.status == 503, answer.status
                except ClientError:
                    turn += 1  # killed before it answered: OpenCRVS asks again

        async with asyncio.TaskGroup() as group:
            for _ in range(16):
                group.create_task(worker())
    return events


async def look(scene: Scene, events: list[dict[str, Any]]) -> None:
    """One packet and one acceptance for each record; every accept call said its own number and ID."""
    packets = {}
    for registration in scene.nid.registrations:
        number = registration.packet.certificate_number
        assert number not in packets, "two packets for one record"
        packets[number] = registration
    assert len(packets) == len(events)
    year = scene.world.clock.now().year
    given = set()
    for event in events:
        [accepted] = scene.country.accepted(event)
        number = accepted["registrationNumber"]
        assert number.endswith(f"/{year}") or number == f"{year}B{event['trackingId']}"
        assert accepted["declaration"] == {"child.nid": packets[number].vid}
        assert scene.country.said[event["id"]] == {(number, packets[number].vid)}
        given.add(packets[number].vid)
    assert len(given) == len(events)


async def look_into_the_store(scene: Scene, events: list[dict[str, Any]]) -> None:
    """A last bridge finishes what the killed ones left; then all of it is confirmed."""
    settings = Settings.model_validate(scene.environment | {"PORT": 0, "BRIDGE_TRIGGER_PORT": 0})
    changed = asyncio.Event()
    running = await bridge_app.start(settings, scene.world)
    try:
        with patch.object(Metrics, "state", lambda _self, _state: changed.set()):
            async with scene.world.clock.timeout(60):
                while await running.store.listings.pending():
                    await changed.wait()
                    changed.clear()
        for event in events:
            found = await running.store.lookups.by_action(event["id"], event["actions"][2]["id"])
            assert found is not None and found.state is State.CONFIRMED
            [accepted] = scene.country.accepted(event)
            assert found.number == accepted["registrationNumber"]
    finally:
        await running.close()
