"""The three servers of a rehearsal, in this process, wired to each other on loopback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel
from pydantic_settings import BaseSettings

from bridge import app as bridge_app
from bridge import settings as bridge_settings
from mock_nid import app as mock_nid_app
from mock_nid import settings as mock_nid_settings
from mock_opencrvs import app as mock_opencrvs_app
from mock_opencrvs import settings as mock_opencrvs_settings
from scenarios.clocks import SkewedClock, own_clocks, own_world
from scenarios.events import Lane
from scenarios.library import Setup
from testbed.journal import Exchange
from testbed.serving import free_port
from wire.world import World

if TYPE_CHECKING:
    from scenarios.foreign.id_system import ForeignNid

HOST = "127.0.0.1"
DATABASE = "bridge.db"
"""The bridge's database in the folder of a stage; made at start where it is missing."""

ISSUER = "https://api-internal.mosip.example"
"""Where credentials say that they come from; the bridge fetches the key from the mock itself."""

OPERATIONS_TOKEN = "rehearsal-operator"
"""What the operator of a rehearsal shows the bridge; a deployed bridge gets its own."""

SYSTEM_CLIENT: dict[str, Any] = {
    "client_id": "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e02",
    "client_secret": "mosip-rehearsal-secret",
}
"""The mock's `National ID integration` client, as settings of the bridge; 2.1 confirms with nothing else."""


class _Deaf(BaseSettings):
    """Settings that hear nobody but who makes them."""

    def __init__(self, **values: Any) -> None:
        # past BaseSettings, which asks environment and files: a millisecond for each server
        BaseModel.__init__(self, **values)


class _OpenCrvsSettings(_Deaf, mock_opencrvs_settings.Settings):
    pass


class _NidSettings(_Deaf, mock_nid_settings.Settings):
    pass


class _BridgeSettings(_Deaf, bridge_settings.Settings):
    pass


@dataclass(frozen=True)
class Ports:
    """Where each server listens; 0 takes a free one."""

    gateway: int = 0
    auth: int = 0
    nid: int = 0
    esignet: int = 0
    trigger: int = 0
    mediator: int = 0

    def settled(self) -> Ports:
        """The bridge's ports are fixed before it runs: OpenCRVS must know them, and a restart keeps them."""
        return replace(
            self, trigger=self.trigger or free_port(HOST), mediator=self.mediator or free_port(HOST)
        )


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
    nid: mock_nid_app.Running | ForeignNid
    bridge: RunningBridge | None
    bridge_settings: bridge_settings.Settings | None
    trigger_url: str
    mediator_url: str
    opencrvs_settings: mock_opencrvs_settings.Settings
    opencrvs_world: World = field(repr=False)
    world: World = field(repr=False)
    """The bridge's: its chance is its own, and so may be the error of its clock."""
    clocks: Mapping[Lane, SkewedClock] = field(repr=False)
    """Of the three parties; a story can make each of them wrong."""
    launch: Callable[[], Awaitable[RunningBridge]] | None = None
    """Starts the bridge; None when a foreign one is not in our hands."""
    past: list[Exchange] = field(default_factory=list)
    """What the journals of servers that are gone had seen."""

    async def start_bridge(self) -> None:
        if self.bridge is None and self.launch is not None:
            self.bridge = await self.launch()

    async def stop_bridge(self, *, kill: bool = False) -> None:
        """Stop in good order, or as a crash would."""
        running, self.bridge = self.bridge, None
        if running is not None:
            await (running.kill() if kill else running.close())

    def change_bridge(self, changes: Mapping[str, Any]) -> None:
        """Other settings for the bridge's next start."""
        if self.bridge_settings is not None:
            values = self.bridge_settings.model_dump() | dict(changes)
            self.bridge_settings = type(self.bridge_settings)(**values)

    async def upgrade_opencrvs(self, profile: str) -> None:
        """Start the mock again as another version, on its ports, with its records and journal."""
        old = self.opencrvs
        documents = list(old.records)
        self.past.extend(old.journal)
        await old.close()
        values = self.opencrvs_settings.model_dump() | {
            "profile": profile,
            "gateway_port": int(old.gateway_url.rsplit(":", 1)[1]),
            "auth_port": int(old.auth_url.rsplit(":", 1)[1]),
        }
        self.opencrvs = await mock_opencrvs_app.start(
            type(self.opencrvs_settings)(**values), self.opencrvs_world
        )
        for document in documents:
            self.opencrvs.records.load(document)

    async def close(self) -> None:
        await self.stop_bridge()
        if isinstance(self.nid, mock_nid_app.Running):
            await self.nid.close()
        await self.opencrvs.close()


async def start(
    setup: Setup,
    world: World,
    *,
    profile: str,
    folder: Path,
    keys: Path,
    ports: Ports,
    with_bridge: bool = True,
    trigger_url: str | None = None,
    environment: bool = False,
    bridge: BridgeStarter | None = None,
    nid: ForeignNid | None = None,
    bridge_values: Mapping[str, Any] | None = None,
) -> Servers:
    """Start the mocks, then the bridge between them. `folder` holds the bridge's database.

    `nid` takes the place of the mock ID system; `bridge_values` tell the bridge where it is.

    Only with `environment` do the environment's variables have a say: a story plays the same everywhere.
    """
    opencrvs_type = mock_opencrvs_settings.Settings if environment else _OpenCrvsSettings
    nid_type = mock_nid_settings.Settings if environment else _NidSettings
    bridge_type = bridge_settings.Settings if environment else _BridgeSettings
    clocks = own_clocks(world.clock)
    ports = ports.settled()
    trigger = trigger_url or f"http://{HOST}:{ports.trigger}"
    opencrvs_settings = opencrvs_type(
        **_merged(
            {
                "host": HOST,
                "gateway_port": ports.gateway,
                "auth_port": ports.auth,
                "country_config_url": trigger,
                "profile": profile,
                "keys": keys,
                "seed": None,
            },
            setup.mock_opencrvs,
        )
    )
    opencrvs_world = own_world(world, clocks, Lane.OPENCRVS)
    opencrvs = await mock_opencrvs_app.start(opencrvs_settings, opencrvs_world)
    nid_settings = {
        "host": HOST,
        "port": ports.nid,
        "esignet_port": ports.esignet,
        "keys": keys,
        "issuer_url": ISSUER,
    }
    nid_world = own_world(world, clocks, Lane.NID)
    try:
        running_nid = nid or await mock_nid_app.start(
            nid_type(**_merged(nid_settings, setup.mock_nid)), nid_world
        )
    except BaseException:
        await opencrvs.close()
        raise
    for journal in (opencrvs.journal, running_nid.journal):
        journal.keep_all()  # the judge reads them whole, however big the story
    servers = Servers(
        opencrvs,
        running_nid,
        None,
        None,
        trigger,
        f"http://{HOST}:{ports.mediator}",
        opencrvs_settings,
        opencrvs_world,
        own_world(world, clocks, Lane.BRIDGE),
        clocks,
    )
    if with_bridge:
        servers.bridge_settings = bridge_type(
            **_values_of_bridge(setup, servers, ports, profile, folder, keys, bridge_values)
        )
        servers.launch = partial(_launched, servers, bridge or bridge_app.start)
        try:
            await servers.start_bridge()
        except BaseException:
            await servers.close()
            raise
    return servers


async def _launched(servers: Servers, starter: BridgeStarter) -> RunningBridge:
    if servers.bridge_settings is None:
        raise LookupError("this bridge has no settings of ours")
    return await starter(servers.bridge_settings, servers.world)


def _values_of_bridge(
    setup: Setup,
    servers: Servers,
    ports: Ports,
    profile: str,
    folder: Path,
    keys: Path,
    nid: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The bridge's settings for these mocks, the story's own on top."""
    values: dict[str, Any] = {
        **(_addresses_of(servers.nid.url) if nid is None else nid),
        "host": HOST,
        "port": ports.mediator,
        "trigger_port": ports.trigger,
        "operations_token": OPERATIONS_TOKEN,
        "database_url": f"sqlite:///{folder / DATABASE}",
        "keys": keys,
        "profile": profile,
        "gateway_url": servers.opencrvs.gateway_url,
        "auth_url": servers.opencrvs.auth_url,
        "public_key_url": f"{servers.opencrvs.auth_url}/.well-known",
    }
    if profile == "2.1" or setup.client:
        values |= SYSTEM_CLIENT
    return _merged(values, setup.bridge)


def _addresses_of(nid: str) -> dict[str, Any]:
    """Where the mock ID system serves what, as settings of the bridge."""
    return {
        "mosip_auth_url": f"{nid}/v1/authmanager/authenticate/clientidsecretkey",
        "create_packet_url": f"{nid}/commons/v1/packetmanager/createPacket",
        "process_packet_url": f"{nid}/registrationprocessor/v1/workflowmanager/workflowinstance",
        "status_url": f"{nid}/registrationprocessor/v1/registrationstatus/externalstatus/search",
        "transaction_url": f"{nid}/registrationprocessor/v1/registrationtransaction/search",
        "identity_url": f"{nid}/idrepository/v1/identity",
        "vid_url": f"{nid}/idrepository/v1/vid",
        "uin_url": f"{nid}/v1/idgenerator/uin",
        "hub_url": f"{nid}/websub/hub",
        "well_known_url": f"{nid}/.well-known",
        "verification_methods": (f"{ISSUER}/.well-known/public-key.json",),
        "ida_url": f"{nid}/idauthentication/v1/auth",
    }


def _merged(values: dict[str, Any], story: Mapping[str, Any]) -> dict[str, Any]:
    return values | dict(story)
