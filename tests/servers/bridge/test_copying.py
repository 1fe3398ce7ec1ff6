"""A store that is copied to PostgreSQL goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.app import open_vault, start
from bridge.registration import State
from bridge.settings import Settings
from bridge.starting import CannotStart
from bridge.store import copying
from bridge.store.database import open_lanes
from bridge.store.lanes import Lane, Lanes
from bridge.store.schema import HALF_COPY
from bridge.store.store import Store
from bridge.store.tables import COUNTERS, HISTORY, REGISTRATIONS
from bridge.takeover import take_over
from tests import nowhere
from tests.forked import forked
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.test_databases import bridge
from tests.servers.bridge.test_takeover import mediators, row
from wire.keyfolder import KeyFolder
from wire.world import World

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def taken_over(
    settings: Settings, file: Path, world: World, numbers: Iterable[int] = range(600)
) -> None:
    """A store that holds what a mediator left."""
    store = await Store.open(settings.store_url, world, open_vault(settings, world))
    await take_over(mediators(file, [row(n) for n in numbers]), store, world, kind=None, dry=False)
    await store.close()


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


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database; what is copied to it goes in pages of five rows."""
    monkeypatch.setattr(copying, "_PAGE", 5)
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").get_uri())
    return f"sqlite:///{tmp_path}/target.db"


async def test_what_was_broken_off_goes_on_and_what_is_not_of_the_source_is_refused(
    target_url: str, tmp_path: Path, keys: KeyFolder
) -> None:
    world = World.virtual()
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("empty", "source", "other")}
    urls["target"] = target_url
    for name, numbers in {"source": range(12), "other": (1, 13)}.items():
        settings = Settings(database_url=urls[name], keys=keys.path)
        await taken_over(settings, tmp_path / f"{name}-mediator.db", world, numbers)
    lanes = {name: await open_lanes(url, world) for name, url in urls.items()}
    for dry in (True, False):
        with pytest.raises(CannotStart, match="the source holds nothing"):
            await copying.copy(lanes["empty"], lanes["target"], dry=dry)
        with pytest.raises(CannotStart, match="of the target are others than those of the source"):
            await copying.copy(lanes["source"], lanes["other"], dry=dry)
    assert (await copying.copy(lanes["source"], lanes["target"], dry=True)).tables["registrations"] == (
        12,
        0,
        0,
    )
    await copying.copy(lanes["source"], lanes["target"], dry=False)
    # broken off in the middle: the last page and what follows is not there
    forgotten = delete(REGISTRATIONS).where(REGISTRATIONS.c.packet_id > row(7)[0])
    await lanes["target"].writer.run(lambda session: session.run(forgotten))
    rest = await copying.copy(lanes["source"], lanes["target"], dry=False)
    assert rest.whole and rest.tables["registrations"] == (12, 12, 4)
    # a bridge worked on it since
    worked = update(REGISTRATIONS).where(REGISTRATIONS.c.packet_id == row(5)[0]).values(state="STUCK")
    await lanes["target"].writer.run(lambda session: session.run(worked))
    with pytest.raises(CannotStart, match=r"the registrations of the target .* a database of its own"):
        await copying.copy(lanes["source"], lanes["target"], dry=False)
    for each in lanes.values():
        await each.close()


@dataclass
class Dying:
    """The writer of a process that is killed after so many units."""

    lane: Lane
    left: int

    async def run(self, unit: Any, about: str | None = None) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return await self.lane.run(unit, about)


async def rows_of(lanes: Lanes) -> int:
    found = 0
    for table in (REGISTRATIONS, HISTORY):
        counted = select(func.count().label("rows")).select_from(table)
        found += (await lanes.listings.run(lambda session, query=counted: session.all(query)))[0]["rows"]
    return found


async def test_nothing_works_on_the_half_of_a_copy_wherever_it_was_broken_off(
    target_url: str, tmp_path: Path, keys: KeyFolder
) -> None:
    world = World.virtual()
    settings = Settings(database_url=f"sqlite:///{tmp_path}/source.db", keys=keys.path)
    await taken_over(settings, tmp_path / "m.db", world, range(12))
    source = await open_lanes(settings.store_url, world)
    there, refused, whole = 0, set(), False
    for units in range(5, 60):
        target = await open_lanes(target_url, world, half_copy=True)
        with suppress(KeyboardInterrupt):
            dying = replace(target, writer=Dying(target.writer, units))
            whole = (await copying.copy(source, dying, dry=False)).whole
        there = await rows_of(target)
        await target.close()
        if whole:
            break
        try:
            await (await open_lanes(target_url, world)).close()
        except CannotStart as says:
            assert "the target of a `bridge copy` that was broken off" in str(says) and "\n" not in str(says)
            refused.add(there)
        else:
            assert there == 0
    assert whole and there == 24 and {0, 5, 10, 12, 17, 22, 24} == refused
    await source.close()
    await (await open_lanes(target_url, world)).close()


def test_commands_tell_the_half_of_a_copy(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/half.db"
    file = mediators(tmp_path / "m.db", [row(1)])
    assert bridge(tmp_path, "import", "--from", str(file), BRIDGE_DATABASE_URL=store).returncode == 0
    with sqlite3.connect(tmp_path / "half.db") as database:
        database.execute("INSERT INTO counters VALUES (?, 0)", (HALF_COPY,))
    database.close()
    copied = ("copy", "--to", f"sqlite:///{tmp_path}/other.db")
    for words in (
        ("serve",),
        ("import", "--from", str(file)),
        ("import", "--from", str(file), "--dry-run"),
        copied,
    ):
        done = bridge(tmp_path, *words, BRIDGE_DATABASE_URL=store, **nowhere.ENVIRONMENT)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert "`bridge copy` that was broken off" in done.stderr and "run" in done.stderr


async def test_a_copy_to_postgresql_is_killed_again_and_again_and_nothing_is_lost_or_there_twice(
    tmp_path: Path, keys: KeyFolder, postgres: Any
) -> None:
    world, url = World.system(), postgres.get_uri()
    settings = Settings(database_url=f"sqlite:///{tmp_path}/source.db", keys=keys.path)
    await taken_over(settings, tmp_path / "m.db", world)
    await (await open_lanes(url, world)).close()
    source = await open_lanes(settings.store_url, world)
    later = select(REGISTRATIONS).order_by(REGISTRATIONS.c.id).limit(1).offset(550)
    [late] = await source.listings.run(lambda session: session.all(later))
    await source.close()
    line = {"registration_id": "", "at": 0, "state": "", "note": ""}
    # for whose end the copy waits: a row of another's that is not committed; and what is there by then
    moments = [
        (insert(COUNTERS).values(key=HALF_COPY, value=0), 0),
        (insert(HISTORY).values(number=1, **line), 0),
        (insert(HISTORY).values(number=550, **line), 500),
        (text("LOCK TABLE registrations IN SHARE MODE"), 600),
        (insert(REGISTRATIONS).values(dict(late)), 1100),
    ]
    environment = {"PATH": os.environ["PATH"], "REHEARSAL_KEYS": str(keys.path)}
    environment["BRIDGE_DATABASE_URL"] = settings.store_url
    other = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    for statement, there in moments:
        async with other.connect() as holding:
            await holding.execute(statement)
            process = await asyncio.create_subprocess_exec(
                *forked("bridge"), "copy", "--to", url, env=environment, stdout=asyncio.subprocess.PIPE
            )
            while not (await holding.execute(WAITING)).scalar():
                assert process.returncode is None
                await world.clock.sleep(0.05)
            process.kill()
            await process.communicate()
        target = await open_lanes(url, world, half_copy=True)
        assert await rows_of(target) == there
        await target.close()
    await other.dispose()
    done = await asyncio.to_thread(bridge, tmp_path, "copy", "--to", url, **environment)
    report = json.loads(done.stdout)
    assert (done.returncode, report["whole"]) == (0, True), done.stderr
    assert report["tables"]["history"] == {"rows": 600, "there": 600, "written": 0}
    assert report["tables"]["registrations"] == {"rows": 600, "there": 600, "written": 100}
    target = await open_lanes(url, world)
    assert await rows_of(target) == 1200
    await target.close()
