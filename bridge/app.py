"""Wires the parts. The routes are the table of contents."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from bridge.deliveries import Deliveries
from bridge.flow import Flow, Parts
from bridge.handlers.callback import Callback
from bridge.handlers.interop import Interop
from bridge.handlers.operations import Health, OperationsApi
from bridge.handlers.trigger import Trigger
from bridge.intake import Intake
from bridge.lanes import StoreClosed
from bridge.mosip import Mosip
from bridge.opencrvs import OpenCRVS
from bridge.opening import Opener
from bridge.operations import Operations
from bridge.registration import Registration
from bridge.serving import BODY_LIMIT, Listening, errors, listen, plain_error, problem
from bridge.settings import Settings
from bridge.store import Store
from bridge.subscription import Subscriptions
from bridge.vault import Vault
from wire.world import World

OPENAPI = Path(__file__).resolve().parent.parent / "openapi" / "bridge.yaml"
_WATCH_SECONDS = 6 * 3600.0


@dataclass
class Running:
    """A bridge that listens. `close` ends it gracefully, `kill` as a crash would."""

    trigger_url: str
    mediator_url: str
    settings: Settings
    world: World
    store: Store
    flow: Flow
    operations: Operations
    subscriptions: Subscriptions
    _opencrvs: OpenCRVS
    _nid: Mosip
    _listening: list[Listening]
    _watch: asyncio.Task[None]

    async def pending(self, limit: int = 1000) -> list[Registration]:
        """What is not settled, oldest first."""
        return await self.store.pending(limit=limit)

    async def close(self) -> None:
        """Stop listening, finish what is under way, close the store."""
        await self.subscriptions.close()
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)
        for listening in self._listening:
            await listening.close()
        await self.flow.outbox.close()
        await self._hang_up()
        await self.store.close()

    async def kill(self) -> None:
        """Abandon everything at once: nothing is finished, nothing flushed; the next start finds the leases."""
        self._watch.cancel()
        await self.store.kill()
        await self.flow.outbox.kill()
        await self.subscriptions.close()
        await asyncio.gather(self._watch, return_exceptions=True)
        for listening in self._listening:
            await listening.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        await self._nid.close()
        await self._opencrvs.close()


async def start(settings: Settings, world: World) -> Running:
    """Open the store, begin the work that an earlier run left, listen on both ports."""
    log = structlog.get_logger("bridge")
    for leniency in settings.leniencies:
        log.warning("leniency is on", setting=leniency)
    vault = Vault(encryption_keys(settings, world), world.chance)
    store = await Store.open(settings.store_url, world, vault)
    opencrvs, nid = OpenCRVS(settings, world), Mosip(settings, world)
    listening: list[Listening] = []
    try:
        flow = Flow(Parts(settings, world, store, nid, opencrvs, Opener(settings, world, nid.peer)))
        intake, operations = Intake(flow), Operations(flow)
        deliveries = Deliveries(flow)
        mediator = web.Application(client_max_size=BODY_LIMIT, middlewares=[errors(plain_error)])
        country = web.Application(client_max_size=BODY_LIMIT, middlewares=[errors(problem)])
        trigger = Trigger(intake, opencrvs.tokens, world)
        country.add_routes([web.post("/trigger/events/{event}/actions/{action}", trigger.on_action)])
        interop = Interop(intake, opencrvs.tokens, world)
        subscriptions = Subscriptions(settings, world, store, nid.hub)
        callback = Callback(deliveries, subscriptions, world)
        token = settings.operations_token
        api = OperationsApi(operations, token.get_secret_value() if token else None, world)
        mediator.add_routes(
            [
                web.post("/events/registration", interop.on_registration),
                web.get("/websub/callback", callback.on_intent),
                web.get("/websub/callback/", callback.on_intent),
                web.post("/websub/callback", callback.on_delivery),
                web.post("/websub/callback/", callback.on_delivery),
                web.get("/operations/registrations", api.on_list),
                web.get("/operations/registrations/{id}", api.on_show),
                web.post("/operations/registrations/{id}/retry", api.on_retry),
                web.post("/operations/registrations/{id}/reject", api.on_reject),
            ]
        )
        health = Health(operations, subscriptions)
        for app in (country, mediator):
            app.add_routes(
                [
                    web.get("/health", health.on_health),
                    web.get("/ready", health.on_ready),
                    web.get("/openapi.yaml", _openapi),
                ]
            )
        listening.append(await listen(country, settings.host, settings.trigger_port, "BRIDGE_TRIGGER_PORT"))
        listening.append(await listen(mediator, settings.host, settings.port, "PORT"))
    except BaseException:
        for each in listening:
            await each.close()
        await nid.close()
        await opencrvs.close()
        await store.close()
        raise
    subscriptions.start(settings.callback_url or f"{listening[1].url}/websub/callback")
    flow.outbox.start()
    log.info("listening", trigger=listening[0].url, mediator=listening[1].url, mode=settings.mode)
    watch = asyncio.create_task(_watch(operations, world))
    return Running(
        listening[0].url,
        listening[1].url,
        settings,
        world,
        store,
        flow,
        operations,
        subscriptions,
        opencrvs,
        nid,
        listening,
        watch,
    )


async def _watch(operations: Operations, world: World) -> None:
    log = structlog.get_logger("bridge")
    while True:
        try:
            await operations.watch()
        except StoreClosed:
            return
        except Exception:  # the watch goes on; what it missed it does the next time
            log.exception("the watch failed")
        await world.clock.sleep(_WATCH_SECONDS)


async def _openapi(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(OPENAPI, headers={"Content-Type": "application/yaml"})


def encryption_keys(settings: Settings, world: World) -> list[str]:
    """The keys of stored secrets: those of the settings, or one that is made once in the key folder."""
    given = settings.encryption_keys
    if isinstance(given, str):
        return [key.strip() for key in given.split(",") if key.strip()]
    if given:
        return [key.get_secret_value() for key in given]
    path = settings.keys / "bridge-store.key"
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return [path.read_text().strip()]
    with os.fdopen(handle, "w") as file:
        file.write(world.chance.bytes(32).hex() + "\n")
    return [path.read_text().strip()]
