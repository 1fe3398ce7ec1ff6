"""The three servers of a rehearsal, in this process, wired to each other on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bridge.app
import mock_opencrvs.app

import bridge.settings
import mock_nid.app
import mock_nid.settings
import mock_opencrvs.settings
from scenarios.library import Setup
from testbed.serving import free_port
from wire.world import World

HOST = "127.0.0.1"
OPERATIONS_TOKEN = "rehearsal-operator"
"""What the operator of a rehearsal shows the bridge; a deployed bridge gets its own."""

SYSTEM_CLIENT: dict[str, Any] = {
    "client_id": "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e02",
    "client_secret": "mosip-rehearsal-secret",
}
"""The mock's `National ID integration` client, as settings of the bridge; 2.1 confirms with nothing else."""


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


@dataclass
class Servers:
    """What is running. `bridge` is None while it is down, or when a foreign one takes its place."""

    opencrvs: mock_opencrvs.app.Running
    nid: mock_nid.app.Running
    bridge: bridge.app.Running | None
    bridge_settings: bridge.settings.Settings | None
    trigger_url: str
    mediator_url: str
    world: World = field(repr=False)

    async def start_bridge(self) -> None:
        if self.bridge is None and self.bridge_settings is not None:
            self.bridge = await bridge.app.start(self.bridge_settings, self.world)

    async def stop_bridge(self, *, kill: bool = False) -> None:
        """Stop in good order, or as a crash would."""
        running, self.bridge = self.bridge, None
        if running is not None:
            await (running.kill() if kill else running.close())

    async def close(self) -> None:
        await self.stop_bridge()
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
) -> Servers:
    """Start the mocks, then the bridge between them. `folder` holds the bridge's database."""
    ports = ports.settled()
    trigger = trigger_url or f"http://{HOST}:{ports.trigger}"
    opencrvs = await mock_opencrvs.app.start(
        mock_opencrvs.settings.Settings(
            **_merged(
                {
                    "host": HOST,
                    "gateway_port": ports.gateway,
                    "auth_port": ports.auth,
                    "country_config_url": trigger,
                    "profile": profile,
                    "keys": keys,
                },
                setup.mock_opencrvs,
            )
        ),
        world.with_seed(f"opencrvs-{world.chance.digits(8)}"),
    )
    try:
        nid = await mock_nid.app.start(
            mock_nid.settings.Settings(
                **_merged(
                    {"host": HOST, "port": ports.nid, "esignet_port": ports.esignet, "keys": keys},
                    setup.mock_nid,
                )
            ),
            world.with_seed(f"nid-{world.chance.digits(8)}"),
        )
    except BaseException:
        await opencrvs.close()
        raise
    servers = Servers(
        opencrvs,
        nid,
        None,
        None,
        trigger,
        f"http://{HOST}:{ports.mediator}",
        world.with_seed(f"bridge-{world.chance.digits(8)}"),
    )
    if with_bridge:
        servers.bridge_settings = bridge_settings(setup, servers, ports, profile, folder, keys)
        try:
            await servers.start_bridge()
        except BaseException:
            await servers.close()
            raise
    return servers


def bridge_settings(
    setup: Setup, servers: Servers, ports: Ports, profile: str, folder: Path, keys: Path
) -> bridge.settings.Settings:
    """The bridge's settings for these mocks, the story's own on top."""
    nid = servers.nid.url
    values: dict[str, Any] = {
        "host": HOST,
        "port": ports.mediator,
        "trigger_port": ports.trigger,
        "operations_token": OPERATIONS_TOKEN,
        "database_url": f"sqlite+aiosqlite:///{folder / 'bridge.db'}",
        "keys": keys,
        "profile": profile,
        "gateway_url": servers.opencrvs.gateway_url,
        "auth_url": servers.opencrvs.auth_url,
        "public_key_url": f"{servers.opencrvs.auth_url}/.well-known",
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
        "ida_url": f"{nid}/idauthentication/v1/auth",
    }
    if profile == "2.1" or setup.client:
        values |= SYSTEM_CLIENT
    return bridge.settings.Settings(**_merged(values, setup.bridge))


def _merged(values: dict[str, Any], story: Mapping[str, Any]) -> dict[str, Any]:
    return values | dict(story)
