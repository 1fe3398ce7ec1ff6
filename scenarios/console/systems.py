"""The three systems as the console knows them: addresses, and what only the process that runs them can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from testbed.names import FARAJALAND
from wire.opencrvs.profiles import Profile
from wire.world import World

if TYPE_CHECKING:
    from scenarios.stage.servers import Servers

BRIDGE_PAUSE = 1.5
"""Seconds that a restarted bridge stays down, so that a room can see it."""


@dataclass(frozen=True)
class Systems:
    """Where the mocks and the bridge are.

    `restart_bridge` and `advance` (seconds) exist only where the console lives in the process that started
    everything; attached to foreign URLs they are None, and the page says so.
    """

    opencrvs: str
    nid: str
    mediator: str | None = None
    operations_token: str | None = None
    profile: Profile = Profile.V2_0
    locale: str = FARAJALAND
    """Whose names the people at the office have."""
    restart_bridge: Callable[[], Awaitable[None]] | None = None
    advance: Callable[[float], Awaitable[None]] | None = None
    renew_bridge: Callable[[], Awaitable[None]] | None = None
    """Starts the bridge on an empty store."""
    auth: str | None = None
    """Where OpenCRVS's administrator gets a token, to end a question that nobody answers."""
    keys: Path | None = None
    """The folder of test keys, for a stranger's forgery."""


def of(servers: Servers, profile: str, world: World, operations_token: str | None) -> Systems:
    """The systems of `rehearse up`: a restart is a crash and a new start, and the clock is everybody's."""

    async def restart() -> None:
        await servers.stop_bridge(kill=True)
        await world.clock.sleep(BRIDGE_PAUSE)
        await servers.start_bridge()

    async def renew_bridge() -> None:
        await servers.stop_bridge()
        servers.forget_registrations()
        # of the store that is gone: the hub would ask a bridge that knows nothing of it
        servers.nid.subscriptions.subscriptions.clear()
        await servers.start_bridge()

    return Systems(
        opencrvs=servers.opencrvs.gateway_url,
        nid=servers.nid.url,
        mediator=servers.mediator_url,
        operations_token=operations_token,
        profile=Profile(profile),
        locale=servers.opencrvs_settings.locale,
        restart_bridge=restart,
        advance=world.clock.advance,
        renew_bridge=renew_bridge,
        auth=servers.opencrvs.auth_url,
        keys=servers.opencrvs_settings.keys,
    )
