"""The three servers of a rehearsal while they run: where they are, and what may happen to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bridge import settings as bridge_settings
from mock_nid.hub.subscriptions import Directory
from mock_nid.identities.people import Identities
from mock_nid.packets.plan_book import PlanBook
from mock_nid.packets.registrations import PacketRegistration
from mock_nid.processing.processor import Processor
from mock_nid.services import Services
from mock_opencrvs import app as mock_opencrvs_app
from mock_opencrvs import settings as mock_opencrvs_settings
from scenarios.stage.clocks import SkewedClock
from scenarios.stage.country_config import CountryConfig
from scenarios.story import Actor
from testbed.faults import Faults
from testbed.journal import Journal
from testbed.payments import PaymentBook
from wire.world import World

DATABASE = "bridge.db"
"""The bridge's database in the folder of a stage; made at start where it is missing."""


class IdSystemServer(Protocol):
    """What a stage needs of the ID system: our mock, or what can be seen of a foreign one."""

    @property
    def url(self) -> str: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def registrations(self) -> Iterable[PacketRegistration]: ...
    @property
    def people(self) -> Identities: ...

    # only the mock has these: a foreign one raises NotInOurHands

    @property
    def plans(self) -> PlanBook: ...
    @property
    def processor(self) -> Processor: ...
    @property
    def subscriptions(self) -> Directory: ...
    @property
    def parts(self) -> Services: ...

    async def close(self) -> None:
        """Stop it, if it is ours."""


class RunningBridge(Protocol):
    """What a stage needs of a bridge that runs in this process."""

    async def close(self) -> None:
        """Stop in good order."""

    async def kill(self) -> None:
        """Stop as a crash would."""


BridgeStarter = Callable[[bridge_settings.Settings, World], Awaitable[RunningBridge]]


@dataclass
class Servers:
    """What is running. `bridge` is None while it is down, or when a foreign one takes its place."""

    opencrvs: mock_opencrvs_app.Running
    nid: IdSystemServer
    bridge: RunningBridge | None
    bridge_settings: bridge_settings.Settings | None
    trigger_url: str
    mediator_url: str
    opencrvs_settings: mock_opencrvs_settings.Settings
    opencrvs_world: World = field(repr=False)
    world: World = field(repr=False)
    """The bridge's: its chance is its own, and so may be the error of its clock."""
    clocks: Mapping[Actor, SkewedClock] = field(repr=False)
    """Of the three parties; a story can make each of them wrong."""
    launch: Callable[[], Awaitable[RunningBridge]] | None = None
    """Starts the bridge; None when a foreign one is not in our hands."""
    country_config: CountryConfig | None = None
    """Behind a foreign bridge, for the whole run."""
    payments: PaymentBook | None = None
    """Asked by a foreign bridge, for the whole run; who is not spoken of has paid."""

    async def start_bridge(self) -> None:
        if self.bridge is None and self.launch is not None:
            self.bridge = await self.launch()

    async def stop_bridge(self, *, kill: bool = False) -> None:
        """Stop in good order, or as a crash would."""
        running, self.bridge = self.bridge, None
        if running is not None:
            await (running.kill() if kill else running.close())

    async def clear_mocks(self) -> None:
        """What happened at OpenCRVS and the ID system is gone; subscriptions stay."""
        await self.opencrvs.reset()
        await self.nid.parts.forget()
        for mock in (self.opencrvs, self.nid):
            mock.faults.clear()
            mock.journal.clear()

    def forget_registrations(self) -> None:
        """Take away what the bridge, which is down, has stored; it begins with an empty store."""
        if self.bridge_settings is not None:
            stored = self.bridge_settings.database_url.removeprefix("sqlite:///")
            for part in ("", "-wal", "-shm"):
                Path(stored + part).unlink(missing_ok=True)

    def change_bridge(self, changes: Mapping[str, Any]) -> None:
        """Other settings for the bridge's next start."""
        if self.bridge_settings is not None:
            values = self.bridge_settings.model_dump() | dict(changes)
            self.bridge_settings = type(self.bridge_settings)(**values)

    async def upgrade_opencrvs(self, profile: str) -> None:
        """Start the mock again as another version, on its ports, with its records and journal."""
        old = self.opencrvs
        documents = list(old.records)
        await old.close()
        values = self.opencrvs_settings.model_dump() | {
            "profile": profile,
            "gateway_port": int(old.gateway_url.rsplit(":", 1)[1]),
            "auth_port": int(old.auth_url.rsplit(":", 1)[1]),
        }
        self.opencrvs = await mock_opencrvs_app.start(
            type(self.opencrvs_settings)(**values), self.opencrvs_world, old.journal
        )
        for document in documents:
            self.opencrvs.records.load(document)

    async def close(self) -> None:
        await self.stop_bridge()
        await self.nid.close()
        await self.opencrvs.close()
