"""This version and the one before the last migration on one PostgreSQL, killed in turns under load."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bench.balancer import balancer
from bridge.store.schema import HEAD
from tests.kit import ROOT
from tests.programs import missing, unpack
from tests.servers.bridge.replicas import Replica
from tests.servers.bridge.test_crash import Scene, play, scene

__all__ = ["scene"]


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bridge as it was before the last migration came, from the repository's history."""

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, timeout=240).stdout

    newest = f"bridge/store/migrations/versions/v{HEAD}_*.py"
    try:
        came = git("log", "-1", "--diff-filter=A", "--format=%H", "--", newest).decode().strip()
        archive = git("archive", f"{came}^", "bridge", "wire")
    except (OSError, subprocess.SubprocessError) as error:
        missing("upgrade", f"history of the repository ({error})", "clone it whole: git fetch --unshallow")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        unpack(packed, folder)
    assert not list((folder / "bridge/store/migrations/versions").glob(f"v{HEAD}_*"))
    return folder


class InTurns(Replica):
    """Whenever it is started it is the other version."""

    def __init__(self, name: str, folder: Path, settings: dict[str, str], versions: list[Path]) -> None:
        super().__init__(name, folder, settings)
        self._versions, self.started = versions, list[Path]()

    async def start(self) -> None:
        version = self._versions[len(self.started) % len(self._versions)]
        self.started.append(version)
        self._settings["PYTHONPATH"] = str(version)
        await super().start()


async def test_both_versions_share_the_work_and_are_killed_in_turns(
    scene: Scene, before: Path, postgres: Any, pytestconfig: pytest.Config
) -> None:
    url = postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    scene.environment |= {"BRIDGE_DATABASE_URL": url, "BRIDGE_ENCRYPTION_KEYS": "5a" * 32}
    replicas: list[Replica] = []
    async with balancer(lambda: [replica.port for replica in replicas]) as address:
        scene.environment["MOSIP_WEBSUB_CALLBACK_URL"] = f"{address}/websub/callback"
        # the old one makes the database; then each is killed, and comes back as the other
        older = InTurns("first", scene.folder, scene.environment, [before, ROOT])
        newer = InTurns("second", scene.folder, scene.environment, [ROOT, before])
        replicas += [older, newer]
        await play(scene, replicas, pytestconfig.getoption("--crash-registrations"))
    assert {*older.started} == {*newer.started} == {before, ROOT}
