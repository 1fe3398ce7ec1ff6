"""Puts the servers of a rehearsal up, in this process, wired to each other on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings

from bridge import app as bridge_app
from bridge import settings as bridge_settings
from bridge.mosip.addresses import completed
from mock_nid import app as mock_nid_app
from mock_nid import settings as mock_nid_settings
from mock_opencrvs import app as mock_opencrvs_app
from mock_opencrvs import settings as mock_opencrvs_settings
from scenarios.stage.clocks import own_clocks, own_world
from scenarios.stage.credentials import OPERATIONS_TOKEN, SYSTEM_CLIENT
from scenarios.stage.ports import HOST, Ports
from scenarios.stage.servers import DATABASE, BridgeStarter, IdSystemServer, RunningBridge, Servers
from scenarios.story import Actor, Setup
from testbed.names import language_of
from wire.environment import SettingRefused, refused
from wire.world import World

S = TypeVar("S", bound=BaseSettings)

_FREE = Ports()


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


class Environment:
    """Where servers are put up, each when it is first asked for. `folder` holds the bridge's database.

    `trigger_url`: OpenCRVS calls this address in place of our bridge's. `nid` takes the place of the mock ID
    system; `bridge_values` tell the bridge where it is. `bridge` starts another bridge on the same settings.
    `locale`: whose names people have, in the language of the packets; None leaves it to the mocks' settings.

    Only with `environment` do the environment's variables have a say: a story plays the same everywhere.
    """

    def __init__(
        self,
        setup: Setup,
        world: World,
        *,
        profile: str,
        folder: Path,
        keys: Path,
        ports: Ports = _FREE,
        trigger_url: str | None = None,
        locale: str | None = None,
        environment: bool = False,
        bridge: BridgeStarter | None = None,
        nid: IdSystemServer | None = None,
        bridge_values: Mapping[str, Any] | None = None,
    ) -> None:
        self.world, self.profile, self.keys = world, profile, keys
        self._setup, self._folder, self._ports = setup, folder, ports.settled()
        self._trigger_url = trigger_url or f"http://{HOST}:{self._ports.trigger}"
        self._locale, self._environment = locale, environment
        self._bridge_starter, self._bridge_values = bridge or bridge_app.start, bridge_values
        self._clocks = own_clocks(world.clock)
        # all at once: what a party draws must not depend on who was started first
        self._worlds = {actor: own_world(world, self._clocks, actor) for actor in self._clocks}
        self._opencrvs_settings = self._settings_of_opencrvs()
        self._opencrvs: mock_opencrvs_app.Running | None = None
        self._nid: IdSystemServer | None = nid
        self._servers: Servers | None = None

    async def opencrvs(self) -> mock_opencrvs_app.Running:
        """The mock OpenCRVS."""
        if self._opencrvs is None:
            world = self._worlds[Actor.OPENCRVS]
            self._opencrvs = await mock_opencrvs_app.start(self._opencrvs_settings, world)
        return self._opencrvs

    async def nid(self) -> IdSystemServer:
        """The ID system."""
        if self._nid is None:
            self._nid = await mock_nid_app.start(self._settings_of_nid(), self._worlds[Actor.NID])
        return self._nid

    @property
    def running(self) -> tuple[mock_opencrvs_app.Running | None, IdSystemServer | None]:
        """OpenCRVS and the ID system, those that were asked for so far."""
        return self._servers.opencrvs if self._servers else self._opencrvs, self._nid

    async def mocks(self) -> Servers:
        """OpenCRVS and the ID system, without a bridge between them."""
        if self._servers is None:
            opencrvs, nid = await self.opencrvs(), await self.nid()
            for journal in (opencrvs.journal, nid.journal):
                journal.keep_all()  # the judge reads them whole, however big the story
            self._servers = Servers(
                opencrvs,
                nid,
                None,
                None,
                self._trigger_url,
                f"http://{HOST}:{self._ports.mediator}",
                self._opencrvs_settings,
                self._worlds[Actor.OPENCRVS],
                self._worlds[Actor.BRIDGE],
                self._clocks,
            )
        return self._servers

    async def servers(self) -> Servers:
        """All three."""
        servers = await self.mocks()
        if servers.launch is None:
            servers.bridge_settings = self._settings_of_bridge(servers)
            servers.launch = partial(self._launched, servers)
            await servers.start_bridge()
        return servers

    async def start(self, *, with_bridge: bool = True) -> Servers:
        """All servers now, for a caller who will close them; after an error nothing runs."""
        try:
            return await (self.servers() if with_bridge else self.mocks())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Stop what was started."""
        if self._servers is not None:
            await self._servers.close()
            return
        if self._nid is not None:
            await self._nid.close()
        if self._opencrvs is not None:
            await self._opencrvs.close()

    async def _launched(self, servers: Servers) -> RunningBridge:
        if servers.bridge_settings is None:
            raise LookupError("this bridge has no settings of ours")
        return await self._bridge_starter(servers.bridge_settings, servers.world)

    @property
    def _people(self) -> dict[str, str]:
        return {} if self._locale is None else {"locale": self._locale}

    def _settings_of_opencrvs(self) -> mock_opencrvs_settings.Settings:
        kind = mock_opencrvs_settings.Settings if self._environment else _OpenCrvsSettings
        values: dict[str, Any] = {
            "host": HOST,
            "gateway_port": self._ports.gateway,
            "auth_port": self._ports.auth,
            "country_config_url": self._trigger_url,
            "profile": self.profile,
            "keys": self.keys,
            "seed": None,
            **self._people,
        }
        return _read(kind, values | dict(self._setup.mock_opencrvs))

    def _settings_of_nid(self) -> mock_nid_settings.Settings:
        kind = mock_nid_settings.Settings if self._environment else _NidSettings
        values: dict[str, Any] = {
            "host": HOST,
            "port": self._ports.nid,
            "esignet_port": self._ports.esignet,
            "keys": self.keys,
            **self._people,
        }
        return _read(kind, values | dict(self._setup.mock_nid))

    def _settings_of_bridge(self, servers: Servers) -> bridge_settings.Settings:
        """The bridge's settings for these mocks, the story's own on top."""
        kind = bridge_settings.Settings if self._environment else _BridgeSettings
        nid = self._bridge_values
        values: dict[str, Any] = {
            **(completed({"mosip_url": servers.nid.url}) if nid is None else nid),
            "host": HOST,
            "port": self._ports.mediator,
            "trigger_port": self._ports.trigger,
            "operations_token": OPERATIONS_TOKEN,
            "database_url": f"sqlite:///{self._folder / DATABASE}",
            "keys": self.keys,
            "rehearsal": True,
            "profile": self.profile,
            "gateway_url": servers.opencrvs.gateway_url,
            "auth_url": servers.opencrvs.auth_url,
            "public_key_url": f"{servers.opencrvs.auth_url}/.well-known",
        }
        if self._locale is not None:
            values["language"] = language_of(self._locale)
        if self.profile == "2.1" or self._setup.client:
            values |= SYSTEM_CLIENT
        return _read(kind, values | dict(self._setup.bridge))


def _read(kind: type[S], values: Mapping[str, Any]) -> S:
    """These settings, and those of this process where they are read. SettingRefused names what is wrong."""
    try:
        return kind(**values)
    except ValidationError as wrong:
        raise SettingRefused("; ".join(refused(kind, wrong))) from None
