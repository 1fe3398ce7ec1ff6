"""A store that is copied to PostgreSQL goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from bridge.app import open_vault, start
from bridge.registration import State
from bridge.settings import Settings
from bridge.starting import CannotStart
from bridge.store import copying
from bridge.store.database import open_lanes
from bridge.store.store import Store
from bridge.store.tables import REGISTRATIONS
from bridge.takeover import take_over
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.test_takeover import mediators, row
from wire.keyfolder import KeyFolder
from wire.world import World


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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_what_was_broken_off_goes_on_and_what_is_not_of_the_source_is_refused(
    kind: str, tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest
) -> None:
    world = World.virtual()
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("empty", "source", "other", "target")}
    if kind == "postgresql":
        urls["target"] = request.getfixturevalue("postgres").get_uri()
    for name, numbers in {"source": range(600), "other": (1, 601)}.items():
        settings = Settings(database_url=urls[name], keys=keys.path)
        store = await Store.open(settings.store_url, world, open_vault(settings, world))
        file = mediators(tmp_path / f"{name}-mediator.db", [row(n) for n in numbers])
        await take_over(file, store, world, kind=None, dry=False)
        await store.close()
    lanes = {name: await open_lanes(url, world) for name, url in urls.items()}
    for dry in (True, False):
        with pytest.raises(CannotStart, match="the source holds nothing"):
            await copying.copy(lanes["empty"], lanes["target"], dry=dry)
        with pytest.raises(CannotStart, match="of the target are others than those of the source"):
            await copying.copy(lanes["source"], lanes["other"], dry=dry)
    assert (await copying.copy(lanes["source"], lanes["target"], dry=True)).tables["registrations"] == (
        600,
        0,
        0,
    )
    await copying.copy(lanes["source"], lanes["target"], dry=False)
    # broken off in the middle: the second page and what follows is not there
    forgotten = delete(REGISTRATIONS).where(REGISTRATIONS.c.packet_id > row(570)[0])
    await lanes["target"].writer.run(lambda session: session.run(forgotten))
    rest = await copying.copy(lanes["source"], lanes["target"], dry=False)
    assert rest.whole and rest.tables["registrations"] == (600, 600, 29)
    # a bridge worked on it since
    worked = update(REGISTRATIONS).where(REGISTRATIONS.c.packet_id == row(5)[0]).values(state="STUCK")
    await lanes["target"].writer.run(lambda session: session.run(worked))
    with pytest.raises(CannotStart, match=r"the registrations of the target .* a database of its own"):
        await copying.copy(lanes["source"], lanes["target"], dry=False)
    for each in lanes.values():
        await each.close()
