"""The servers and the control API beside them, for a test that runs in another process."""

from __future__ import annotations

import os
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from scenarios.control.handlers import Control
from scenarios.stage.credentials import OPERATIONS_TOKEN
from scenarios.stage.logbook import logged
from scenarios.stage.pace import RealPace
from scenarios.stage.ports import HOST, Ports
from scenarios.stage.servers import Servers
from scenarios.stage.setup import servers_for_process, stage_on
from scenarios.story import Setup
from testbed.admin import contract_routes, problem_middleware
from testbed.guard import admin_guard
from wire.background import Loop
from wire.http.listening import listen
from wire.world import World

_LOOKS_FOR_PARENT = 0.5
"""Seconds between two looks at whether the parent still lives."""


@dataclass(frozen=True)
class Serving:
    """What runs, and where it is."""

    addresses: dict[str, Any]
    _stack: AsyncExitStack

    async def close(self) -> None:
        await self._stack.aclose()


async def start(
    ports: Ports, control_port: int, *, profile: str, seed: int | None, keys: Path, country_config: str | None
) -> Serving:
    """Start the mocks, our bridge unless `country_config` takes its place, and the control API.

    The clock is the system's, and can be moved forward. PortTaken and CannotStart when it cannot be.
    """
    world = World.system(seed)
    async with AsyncExitStack() as stack:
        ours = country_config is None
        book = stack.enter_context(logged(world))
        book.unseen = "" if ours else "the log of the country's server is its own"
        where = {"profile": profile, "keys": keys, "ports": ports, "trigger_url": country_config}
        running = await servers_for_process(stack, Setup(), world, None, with_bridge=ours, **where)
        stage = await stack.enter_async_context(
            stage_on(
                running,
                world,
                RealPace(world),
                book,
                profile=profile,
                keys=keys,
                listener=None,
                operations_token=OPERATIONS_TOKEN if ours else None,
            )
        )
        addresses = _addresses(running, keys, profile)
        app = web.Application(middlewares=[admin_guard(()), problem_middleware])
        app.add_routes([*Control(stage, addresses).routes(), *contract_routes("control")])
        listening = await listen(app, HOST, control_port, "--port")
        stack.push_async_callback(listening.close)
        stack.push_async_callback(_ends_with_parent(world).close)
        addresses["control"] = f"{listening.url}/control"
        return Serving(addresses, stack.pop_all())


def _addresses(running: Servers, keys: Path, profile: str) -> dict[str, Any]:
    opencrvs, ours = running.opencrvs, running.bridge is not None
    return {
        "profile": profile,
        "opencrvs": {
            "gateway": opencrvs.gateway_url,
            "auth": opencrvs.auth_url,
            "publicKey": f"{opencrvs.auth_url}/.well-known",
        },
        "nid": {
            "url": running.nid.url,
            "hub": f"{running.nid.url}/websub/hub",
            "wellKnown": f"{running.nid.url}/.well-known",
        },
        "trigger": running.trigger_url,
        "bridge": {"mediator": running.mediator_url, "operationsToken": OPERATIONS_TOKEN} if ours else None,
        "keys": str(keys.resolve()),
    }


def _ends_with_parent(world: World) -> Loop:
    """Stops this process as Ctrl-C does when the one that started it is gone."""
    parent = os.getppid()

    async def look() -> float:
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        return _LOOKS_FOR_PARENT

    loop = Loop("parent", world.clock, look)
    loop.start()
    return loop
