"""A store that is copied to PostgreSQL goes on."""

from __future__ import annotations

from typing import Any

from bridge.app import start
from bridge.registration import State
from bridge.settings import Settings
from bridge.store import copying
from bridge.store.database import open_lanes
from tests.servers.bridge.conftest import Stage


async def test_a_store_that_is_copied_to_postgresql_goes_on(stage: Stage, postgres: Any) -> None:
    url = postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    waiting = await stage.submitted()
    for _ in range(3):
        settled = await stage.submitted()
        packet = (await stage.of(settled)).packet_id
        await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    await stage.running.close()
    lanes = [await open_lanes(each, stage.world) for each in (stage.settings["database_url"], url)]
    dry = await copying.copy(*lanes, dry=True)
    assert dry.tables["registrations"] == (4, 0, 0)
    done = await copying.copy(*lanes, dry=False)
    assert done.whole and done.tables["registrations"] == (4, 4, 4)
    assert done.states == {"CONFIRMED": (3, 3), "SUBMITTED": (1, 1)}
    again = await copying.copy(*lanes, dry=False)
    assert again.whole and {written for _, _, written in again.tables.values()} == {0}
    for each in lanes:
        await each.close()
    stage.settings["database_url"] = url
    stage.running = await start(Settings(**stage.settings), stage.world)
    await stage.world.clock.settle()
    packet = (await stage.of(waiting)).packet_id
    await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    await stage.world.clock.advance(10)
    assert (await stage.of(waiting)).state is State.CONFIRMED
    assert (await stage.of(settled)).state is State.CONFIRMED
