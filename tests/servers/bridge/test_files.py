"""What the bridge keeps on disk is its owner's alone, and whole whenever it was killed."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from bridge.app import encryption_keys
from bridge.registration import State
from bridge.settings import Settings
from tests.servers.bridge.conftest import Stage, set_up
from tests.servers.bridge.test_deliveries import waiting
from wire.keyfolder import KeyFolder
from wire.mosip.keys import open_p12
from wire.world import World


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("bridge.db*")}


@pytest.fixture
def loose() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose")
@pytest.mark.parametrize("existing", [False, True])
async def test_the_database_is_the_owners_alone(tmp_path: Path, keys: KeyFolder, existing: bool) -> None:
    if existing:
        (tmp_path / "bridge.db").touch(0o666)
    stage = await set_up(tmp_path, keys)
    await waiting(stage)
    found = modes(tmp_path)
    await stage.close()
    assert {"bridge.db", "bridge.db-wal", "bridge.db-shm"} <= set(found)
    assert {mode for name, mode in found.items() if not name.endswith(".lock")} == {0o600}


@pytest.mark.parametrize("content", [None, ""])
def test_a_key_that_a_crash_left_empty_is_made_anew(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "bridge-store.key").write_text(content)
    settings, world = Settings(keys=tmp_path), World.virtual(seed=1)
    [made] = encryption_keys(settings, world)
    assert len(made) == 64 and encryption_keys(settings, World.virtual(seed=2)) == [made]
    assert stat.S_IMODE((tmp_path / "bridge-store.key").stat().st_mode) == 0o600


def test_an_empty_test_key_is_made_anew(tmp_path: Path) -> None:
    KeyFolder(tmp_path).ensure()
    (tmp_path / "partner.key.pem").write_bytes(b"")
    assert KeyFolder(tmp_path).ensure()["partner"].private_key.key_size == 2048
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


async def test_a_second_link_does_not_take_the_first_ones_place(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    stage.mosip.faults["s1"] = [lambda: web.Response(status=503)] * 2
    for name in ("s1", "s2"):
        body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/{name}")
        assert await stage.deliver(body) == 200
    await stage.world.clock.advance(600)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.mosip.asked["s2"] == 0


async def test_of_links_that_come_at_once_one_is_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    event, registration = await waiting(stage)
    store = stage.running.store
    receive, written = store.receive, asyncio.Event()

    async def late(*args: Any, **changes: Any) -> bool:
        """The second has read before the first has written."""
        if written.is_set():
            return await receive(*args, **changes)
        written.set()
        other = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s1")
        assert await stage.mosip.deliver(stage.callback, other) == 200
        return await receive(*args, **changes)

    monkeypatch.setattr(store, "receive", late)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    stage.mosip.faults["s1"] = [lambda: web.Response(status=503)] * 2
    body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s2")
    assert await stage.deliver(body) == 200
    await stage.world.clock.advance(600)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.mosip.asked["s2"] == 0


async def test_a_p12_without_a_password_opens_with_an_empty_one(tmp_path: Path, keys: KeyFolder) -> None:
    pair, path = keys["ida-partner"], tmp_path / "partner.p12"
    content = pkcs12.serialize_key_and_certificates(
        b"partner", pair.private_key, pair.certificate, None, NoEncryption()
    )
    path.write_bytes(content)
    stage = await set_up(tmp_path, keys, p12_path=path, p12_password="")
    opened, _ = open_p12(content, "")
    assert opened.private_numbers() == pair.private_key.private_numbers()
    await stage.close()
