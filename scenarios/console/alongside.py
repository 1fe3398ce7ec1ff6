"""The console beside the servers of `rehearse up`: in their process, on their clock."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from scenarios.console import app
from scenarios.console.settings import Settings
from testbed.serving import port_is_free

if TYPE_CHECKING:
    from scenarios.stage.servers import Servers


async def alongside(running: Servers, stack: AsyncExitStack, port: int | None) -> list[tuple[str, str]]:
    """Start it and return what to print. Without a port by name the next free one from 8070 is taken."""
    settings = Settings() if port is None else Settings(port=port)
    if port is None:
        while settings.port and not port_is_free(settings.host, settings.port):
            settings = settings.model_copy(update={"port": settings.port + 1})
    # families are drawn from a chance of their own, so that they do not shift the servers' draws
    world = running.opencrvs_world.with_seed(f"console-{running.opencrvs_world.chance.digits(12)}")
    bridge = running.bridge_settings
    token = bridge.operations_token.get_secret_value() if bridge and bridge.operations_token else None
    console = await app.start(settings, running, token, world)
    stack.push_async_callback(console.close)
    return [("Console, open it in a browser", console.url)]
