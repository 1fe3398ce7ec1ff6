"""The mediator's rows are taken over while two bridges work on one PostgreSQL: new births come all the while,
and both the import and the bridges are killed. Every record is accepted once, with its own number and ID.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.balancer import balancer
from bridge.preflight import open_vault
from bridge.settings import Settings
from bridge.store.store import Store
from mock_nid.packets.plans import weighted_from
from tests.forked import forked
from tests.servers.bridge.replicas import Replica, killed
from tests.servers.bridge.test_crash import SEED, Scene, look, look_into_the_store, register, scene
from tests.servers.bridge.test_takeover import mediators

__all__ = ["scene"]

KILLS = 2
ALIKE = [{"copies": 2, "gap": 0.1}, {"hold": 1}, {"lost": True}, {}]


async def test_an_import_under_load_and_kills(
    scene: Scene, postgres: Any, pytestconfig: pytest.Config
) -> None:
    count = pytestconfig.getoption("--import-rows")
    replicas: list[Replica] = []
    async with balancer(lambda: [replica.port for replica in replicas]) as address:
        scene.environment["MOSIP_WEBSUB_CALLBACK_URL"] = f"{address}/websub/callback"
        # some answers come before the rows are taken over, some meanwhile, some afterwards
        delay = {"outcome": "issue", "delay": f"uniform:{count // 25},{count // 16}"}
        scene.nid.plans.default = weighted_from([{"weight": 1, "plan": {**delay, **more}} for more in ALIKE])
        answered, events, file = await left_by_a_mediator(scene, replicas, count)

        url = postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        scene.environment |= {"BRIDGE_DATABASE_URL": url, "BRIDGE_ENCRYPTION_KEYS": "5a" * 32}
        replicas[:] = [Replica(name, scene.folder, scene.environment) for name in ("first", "second")]
        dry = await imported(scene, file, "--dry-run")
        assert dry is not None and dry["new"] == dry["rows"] > count // 2 and dry["refused"] == {}
        await asyncio.gather(*(replica.start() for replica in replicas))
        chance = scene.world.with_seed(SEED).chance
        async with killed(replicas, scene.moments, chance, max(200, count)):
            load = asyncio.create_task(register(scene, replicas, count // 10, first=count))
            ended, reports = 0, []
            for turn in range(KILLS):
                acts = counted(postgres, ACTS)

                def is_in_the_middle(least: int = turn * count // 3, acts: int = acts) -> bool:
                    return counted(postgres, ACTS) > acts and counted(postgres, OLD) >= least

                report = await imported(scene, file, until=is_in_the_middle)
                ended += report is None
                reports += [report] if report is not None else []
            reports.append(await imported(scene, file))
            events += await load
            async with scene.world.clock.timeout(120 + count):
                await scene.country.settled.wait()
    print(f"killed: import {ended}, bridges {[replica.kills for replica in replicas]}", *reports, sep="\n")
    for report in reports:
        assert (report["rows"], report["refused"]) == (dry["rows"], {})
        assert sum(report["states"].values()) == dry["rows"]
    assert ended or count < 1000, "a short one may end before it is killed"
    await look(scene, answered + events)
    await look_into_the_store(scene, events)
    assert (counted(postgres, OPEN), counted(postgres, OLD)) == (0, dry["rows"])


OLD = "registrations WHERE id IN (SELECT registration_id FROM history WHERE note LIKE 'taken over%')"
OPEN = "registrations WHERE state <> 'CONFIRMED'"
ACTS = "audit WHERE act = 'import'"


def counted(postgres: Any, rows: str) -> int:
    return int(postgres.psql(f"COPY (SELECT count(*) FROM {rows}) TO STDOUT").split()[-1])


async def left_by_a_mediator(
    scene: Scene, replicas: list[Replica], count: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Path]:
    """Births whose packets the ID system has: those that were answered at once, the others, and the file of
    who sent them, with these others.
    """
    scene.environment["BRIDGE_DATABASE_URL"] = f"sqlite:///{scene.folder}/sent.db"
    replicas.append(Replica("mediator", scene.folder, scene.environment))
    await replicas[0].start()
    events = await register(scene, replicas, count)
    async with scene.world.clock.timeout(60 + count):
        while sum(1 for _ in scene.nid.registrations) < count:
            await scene.world.clock.sleep(0.1)
    await replicas[0].stop()
    settings = Settings.model_validate(scene.environment)
    store = await Store.open(settings.store_url, scene.world, open_vault(settings, scene.world))
    rows, left = [], set()
    for one in await store.listings.pending(limit=count):
        token = (await store.lookups.secrets(one.id, {"token"})).token
        assert token is not None
        left.add(one.event_id)
        rows.append((one.packet_id, token, one.number, f"{one.received_at:%Y-%m-%d %H:%M:%S}"))
    await store.close()
    answered, waiting = [[e for e in events if (e["id"] in left) is waits] for waits in (False, True)]
    return answered, waiting, mediators(scene.folder / "mosip-api.db", rows)


async def imported(
    scene: Scene, file: Path, *words: str, until: Callable[[], bool] | None = None
) -> dict[str, Any] | None:
    """What the command reports; None when it was killed."""
    process = await asyncio.create_subprocess_exec(
        *(*forked("bridge"), "import", "--from", str(file), *words),
        env={"PATH": os.environ["PATH"], **scene.environment},
        cwd=scene.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said = asyncio.create_task(process.communicate())
    while until is not None and not said.done():
        if await asyncio.to_thread(until):
            if process.returncode is None:  # it may have ended while the database was asked
                process.kill()
            await said
            return None if process.returncode else json.loads(said.result()[0])
    output, errors = await said
    assert process.returncode == 0, errors.decode()[-2000:]
    return json.loads(output)
