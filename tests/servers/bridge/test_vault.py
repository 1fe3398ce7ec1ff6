"""A stored secret that cannot be opened stops its own registration, with a name, and no other."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bridge.advice import Stuck
from bridge.preflight import encryption_keys, open_vault
from bridge.registration import State
from bridge.settings import Settings
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage
from wire.world import World

FIRST, SECOND = "the first key of this test", "the second key of this test"


def alter(stage: Stage, event: dict[str, Any], column: str) -> None:
    """Another byte in what is stored, as a broken disk or a curious hand leaves it."""
    path = stage.settings["database_url"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as store:
        [(sealed,)] = store.execute(f"SELECT {column} FROM registrations WHERE event_id = ?", (event["id"],))
        broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
        store.execute(f"UPDATE registrations SET {column} = ? WHERE event_id = ?", (broken, event["id"]))


async def queued(stage: Stage, count: int) -> list[dict[str, Any]]:
    """Registrations that wait for an ID system that is down."""
    stage.mosip.faults["createPacket"] = [lambda: web.Response(status=503)] * 10_000
    events = [stage.opencrvs.record("birth", BIRTH) for _ in range(count)]
    for event in events:
        await stage.trigger(event)
    await stage.world.clock.settle()
    return events


async def test_an_altered_secret_stops_its_registration_alone(stage: Stage) -> None:
    events = await queued(stage, 40)
    alter(stage, events[0], "packet")
    stage.mosip.faults.clear()
    await stage.world.clock.advance(24 * 3600)
    first = await stage.of(events[0])
    assert (first.state, first.reason) == (State.STUCK, Stuck.SECRETS_UNREADABLE)
    assert "altered" in str(first.last_error)
    assert {(await stage.of(event)).state for event in events[1:]} == {State.SUBMITTED}
    status, shown = await ask(stage, "GET", f"/operations/registrations/{first.id}")
    assert status == 200 and "BRIDGE_ENCRYPTION_KEYS" in shown["advice"]


async def test_a_lost_key_is_told_at_start_and_its_return_mends_all(
    stage: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await stage.restart(kill=False, encryption_keys=FIRST)
    waiting = (await queued(stage, 1))[0]
    stage.mosip.faults.clear()
    answered = await stage.submitted()
    capsys.readouterr()
    await stage.restart(kill=False, encryption_keys=SECOND)
    assert "add the old key to BRIDGE_ENCRYPTION_KEYS" in capsys.readouterr().out + caplog.text
    await stage.world.clock.advance(3600)
    assert (await stage.of(waiting)).reason == Stuck.SECRETS_UNREADABLE
    # the ID system's yes is kept all the same
    rid = (await stage.of(answered)).packet_id
    assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
    await stage.world.clock.settle()
    assert (await stage.of(answered)).reason == Stuck.SECRETS_UNREADABLE
    path = f"/operations/registrations/{waiting['id']}/retry"
    status, refused = await ask(stage, "POST", path)
    assert status == 409 and "cannot be opened" in str(refused)

    await stage.restart(kill=False, encryption_keys=f"{SECOND},{FIRST}")
    for event in (waiting, answered):
        assert (await ask(stage, "POST", f"/operations/registrations/{event['id']}/retry"))[0] == 200
    await stage.world.clock.settle()
    assert (await stage.of(waiting)).state is State.SUBMITTED
    assert (await stage.of(answered)).state is State.CONFIRMED


@pytest.mark.parametrize("content", [None, ""])
def test_a_key_that_a_crash_left_empty_is_made_anew(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "bridge-store.key").write_text(content)
    settings = Settings(keys=tmp_path)
    [made] = encryption_keys(settings)
    assert len(made) == 64 and encryption_keys(settings) == [made]
    assert stat.S_IMODE((tmp_path / "bridge-store.key").stat().st_mode) == 0o600


def test_the_same_seed_goes_on_alike_whether_the_key_was_there_or_is_made(tmp_path: Path) -> None:
    drawn = set()
    for _ in ("made", "there"):
        world = World.virtual(seed=1)
        open_vault(Settings(keys=tmp_path), world)
        drawn.add(world.chance.uuid())
    assert len(drawn) == 1
