"""A new encryption key: what is stored under the old one is sealed anew, and then the old one can go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.registration import Secrets, State
from bridge.store.store import Store
from bridge.store.vault import Vault
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.waiting import waiting
from wire.world import World

OLD, NEW = "the old key of this country", "the new key of this country"
COLUMNS = ("token", "packet", "national_id", "delivery")


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def told(lines: list[Any]) -> list[int]:
    """What each "no longer needed" said of how many were sealed anew."""
    said = "the old encryption key is no longer needed"
    return [line["resealed"] for line in lines if line["event"] == said]


def path_of(stage: Stage) -> str:
    return str(stage.settings["database_url"].partition("///")[2])


def keys_in_use(stage: Stage) -> set[bytes]:
    """Ids of the keys that the stored secrets name."""
    with sqlite3.connect(path_of(stage)) as store:
        rows = store.execute(f"SELECT {', '.join(COLUMNS)} FROM registrations").fetchall()
    return {bytes(value)[1:5] for row in rows for value in row if value is not None}


def key_id(key: str) -> bytes:
    return Vault([key], World.virtual().chance).newest


@pytest.mark.parametrize("stage", [{"encryption_keys": OLD}], indirect=True)
async def test_the_old_key_can_go_after_a_rotation(stage: Stage, lines: list[Any]) -> None:
    # more than a page, so that the last page counts too
    events = [await stage.submitted() for _ in range(60)]
    assert keys_in_use(stage) == {key_id(OLD)} and told(lines) == []
    await stage.restart(kill=False, encryption_keys=f"{NEW},{OLD}")
    assert keys_in_use(stage) == {key_id(NEW)}
    assert told(lines) == [len(events)]
    await stage.world.clock.advance(24 * 3600)
    assert told(lines) == [len(events)], "it is said once"
    await stage.restart(kill=False, encryption_keys=NEW)
    for event in events:
        rid = (await stage.of(event)).packet_id
        assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200
        assert (await stage.of(event)).state is State.CONFIRMED
    assert not [line for line in lines if line["log_level"] in ("error", "critical")]


@pytest.mark.parametrize("stage", [{"encryption_keys": OLD}], indirect=True)
async def test_an_altered_secret_is_named_and_does_not_stop_the_others(
    stage: Stage, lines: list[Any]
) -> None:
    events = [await stage.submitted() for _ in range(3)]
    broken = await stage.of(events[1])
    with sqlite3.connect(path_of(stage)) as store:
        [(sealed,)] = store.execute("SELECT packet FROM registrations WHERE id = ?", (broken.id,))
        altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
        store.execute("UPDATE registrations SET packet = ? WHERE id = ?", (altered, broken.id))
    await stage.restart(kill=False, encryption_keys=f"{NEW},{OLD}")
    assert told(lines) == [2]
    named = [line for line in lines if line["event"] == "a stored secret cannot be opened"]
    assert [line["registration"] for line in named] == [broken.id]


async def test_one_key_alone_is_no_rotation(stage: Stage, lines: list[Any]) -> None:
    await stage.submitted()
    await stage.restart(kill=False)
    assert told(lines) == []


@pytest.mark.parametrize("stage", [{"encryption_keys": f"{NEW},{OLD}"}], indirect=True)
async def test_a_row_that_changed_meanwhile_is_read_again(stage: Stage) -> None:
    registration = await stage.of(await stage.submitted())
    store = stage.running.store
    old, row = Vault([OLD], stage.world.chance), f"{registration.id}/token"
    sealed, sealed_again = old.seal("another token", row), old.seal("a third token", row)
    with sqlite3.connect(path_of(stage)) as file:
        file.execute("UPDATE registrations SET token = ?", (sealed,))
    reseal = store.rotation.reseal
    first: list[Any] = []

    async def late(row: Any) -> bool:
        """The first time, somebody else was faster."""
        if not first:
            first.append(row)
            with sqlite3.connect(path_of(stage)) as file:
                file.execute("UPDATE registrations SET token = ?", (sealed_again,))
        return await reseal(row)

    store.rotation.reseal = late  # type: ignore[method-assign]
    await store.rotation.run()
    assert first and keys_in_use(stage) == {key_id(NEW)}
    assert (await store.lookups.secrets(registration.id)).token == "a third token"


async def test_postgresql_seals_anew_too(postgres: Any) -> None:
    world = World.virtual(seed=3)
    store = await Store.open(postgres.get_uri(), world, Vault([OLD], world.chance))
    row = waiting(1, world, State.SUBMITTED, timedelta(0))
    await store.add(row, Secrets(token="a token", national_id="a number"), "a test")
    await store.close()
    store = await Store.open(postgres.get_uri(), world, Vault([NEW, OLD], world.chance))
    [found] = await store.rotation.under_older_keys("", 10)
    assert await store.rotation.reseal(found)
    assert not await store.rotation.reseal(found), "it is another value by now"
    assert await store.rotation.under_older_keys("", 10) == []
    await store.close()
    store = await Store.open(postgres.get_uri(), world, Vault([NEW], world.chance))
    assert await store.lookups.secrets(row.id) == Secrets(token="a token", national_id="a number")
    await store.close()
