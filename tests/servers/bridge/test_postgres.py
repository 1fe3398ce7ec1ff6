"""The same way on PostgreSQL, and two replicas that share the work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.app import Running, start
from bridge.registration import State
from bridge.settings import Settings
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import ISSUER, StubMosip, StubOpenCRVS
from wire.keyfolder import KeyFolder
from wire.mosip.well_known import public_key_url
from wire.world import World


@pytest.fixture
async def replicas(postgres: Any, tmp_path: Path, keys: KeyFolder) -> AsyncIterator[tuple[Stage, Running]]:
    """A stage on PostgreSQL, and a second bridge on the same database."""
    world = World.virtual(seed=11)
    opencrvs, mosip = await StubOpenCRVS(world, keys).start(), await StubMosip(world, keys).start()
    paths = {"mosip_auth_url": "/authenticate", "create_packet_url": "/createPacket", "status_url": "/status"}
    paths |= {"process_packet_url": "/workflowinstance", "hub_url": "/hub", "well_known_url": "/.well-known"}
    paths |= {"identity_url": "/identity", "vid_url": "/vid", "transaction_url": "/transactions"}
    settings = {
        "port": 0,
        "trigger_port": 0,
        "database_url": postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://"),
        "keys": keys.path,
        "verification_methods": public_key_url(ISSUER),
        "gateway_url": opencrvs.url,
        "public_key_url": f"{opencrvs.url}/.well-known",
        **{name: mosip.url + path for name, path in paths.items()},
    }
    first, second = await asyncio.gather(
        start(Settings(**settings), world), start(Settings(**settings), world)
    )
    stage = Stage(world, opencrvs, mosip, settings, first)
    await world.clock.settle()
    yield stage, second
    await second.close()
    await stage.running.close()
    await mosip.close()
    await opencrvs.close()


async def test_the_whole_way_on_postgresql(replicas: tuple[Stage, Running]) -> None:
    stage, second = replicas
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    # the hub's message arrives at the other replica
    callback = f"{second.mediator_url}/websub/callback"
    body = stage.mosip.event(rid, stage.mosip.credential(rid))
    assert [await stage.mosip.deliver(callback, body), await stage.deliver(body)] == [200, 200]
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_a_replica_that_dies_leaves_its_work_to_the_other(replicas: tuple[Stage, Running]) -> None:
    stage, second = replicas
    stage.mosip.down = True
    events = [stage.opencrvs.record("birth", BIRTH) for _ in range(12)]
    answers = await asyncio.gather(*(stage.trigger(event) for event in events))
    assert {status for status, _ in answers} == {202}
    await stage.running.kill()
    stage.mosip.down = False
    await stage.world.clock.advance(900)
    stage.running = second
    assert {(await stage.of(event)).state for event in events} == {State.SUBMITTED}
    assert len(stage.mosip.started) == 12


async def test_the_same_trigger_at_both_replicas_is_one_registration(replicas: tuple[Stage, Running]) -> None:
    stage, second = replicas
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    other = Stage(stage.world, stage.opencrvs, stage.mosip, stage.settings, second)
    answers = await asyncio.gather(*(s.trigger(event, token) for s in (stage, other) * 4))
    await stage.world.clock.settle()
    assert {status for status, _ in answers} == {202}
    assert len(stage.mosip.packets) == 1
