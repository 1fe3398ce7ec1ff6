"""Wires the parts: opens the store, takes up the work of an earlier run, listens on both ports."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from bridge.calls.channels import Channels
from bridge.expiring import running_out
from bridge.flow.housekeeping import Housekeeping
from bridge.flow.schedule import Schedule
from bridge.handlers.country_config import PassOn
from bridge.handlers.debug import DebugApi
from bridge.handlers.health import Health
from bridge.handlers.interop import Interop
from bridge.handlers.operations import OperationsApi
from bridge.handlers.trigger import TriggerHandler
from bridge.metrics import Metrics
from bridge.nid import IdSystem, chosen
from bridge.opencrvs.client import OpenCRVS
from bridge.opencrvs.country_config import CountryConfig
from bridge.opencrvs.token_checker import TokenChecker
from bridge.payments import Payments
from bridge.preflight import (
    check_country,
    check_encryption_keys,
    check_operators,
    open_vault,
    passing_of,
    secrets_of,
)
from bridge.registration import Registration
from bridge.routes import Handlers, country_server, mediator
from bridge.settings import Settings
from bridge.starting import needs, open_traces
from bridge.store.store import Store
from bridge.way import Way
from wire.http.client import trust
from wire.http.listening import listen
from wire.redaction import hide_always
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces

_listen = partial(listen, line_limit=8190, shutdown_seconds=2.0)
"""With the bytes of a request line and of a header: nobody who calls the bridge needs more."""


class _Closes(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=_Closes)


@dataclass
class Running:
    """A bridge that listens. `close` ends it gracefully, `kill` as a crash would.

    `trigger_url` is empty when the country's server is not opened.
    """

    trigger_url: str
    mediator_url: str
    settings: Settings
    world: World
    store: Store
    nid: IdSystem
    way: Way
    _traces: Traces | None
    _opened: AsyncExitStack

    async def pending(self, limit: int = 1000) -> list[Registration]:
        """What is not settled, oldest first."""
        return await self.store.listings.pending(limit=limit)

    async def close(self) -> None:
        """Stop listening, finish what is under way, close the store."""
        await self._opened.aclose()

    async def kill(self) -> None:
        """Abandon everything at once: nothing is finished or flushed; the next start finds it in
        the store.
        """
        await self.store.kill()
        await self.way.outbox.kill()
        if self._traces is not None:
            await self._traces.kill()
        await self._opened.aclose()


async def start(settings: Settings, world: World) -> Running:
    """Raises CannotStart or CannotListen, and leaves nothing open, when it cannot."""
    log = structlog.get_logger("bridge")
    hide_always(*secrets_of(settings))
    make = chosen(settings.id_system)
    check_country(settings, make)
    check_operators(settings)
    async with AsyncExitStack() as opened:

        def kept(part: C) -> C:
            """Closed at the end, the last first."""
            opened.push_async_callback(part.close)
            return part

        metrics, schedule, channels = Metrics(), Schedule(world.clock), Channels(world)
        if (traces := open_traces(settings, world)) is not None:
            kept(traces)

        def reached(registration: Registration) -> None:
            metrics.state(registration.state)
            if traces is not None:
                traces.reached(registration)

        vault = open_vault(settings, world)
        store = kept(await Store.open(settings.store_url, world, vault, due=schedule.due, reached=reached))
        await check_encryption_keys(store)
        with needs("SSL_CERT_FILE", "give a PEM file of certificates"):
            trust(settings.ca_file)
        nid = kept(make(settings, world, store, channels))
        hide_always(*nid.secrets)
        for each in running_out(nid.certificates, world.clock.now()):
            log.warning("a certificate ran out" if each.over else "a certificate runs out", **each.shown)
        opencrvs, tokens = OpenCRVS(settings, world), TokenChecker(settings, world)
        country, payments = CountryConfig(settings, world), Payments(settings, world)
        for client in (opencrvs, tokens, country, payments):
            kept(client.peer)
        if (passing := passing_of(settings, world)) is not None:
            kept(passing)
        clients = (opencrvs, country, payments)
        way = Way(settings, world, store, nid, *clients, schedule, channels, metrics, traces)
        kept(way.outbox)

        pass_on = PassOn(passing) if passing is not None else None
        names = settings.operator_names
        handlers = Handlers(
            trigger=TriggerHandler(way.receive, way.replies, tokens, world, pass_on),
            interop=Interop(way.receive, way.replies, tokens, world),
            debug=DebugApi(way.operations, store, tokens),
            operations=OperationsApi(way.operations, way.outlook, store, tokens, names, world),
            health=Health(way.outlook, store, way.outbox, metrics, world.clock),
            country=pass_on,
        )
        heard = [traces.heard] if traces is not None else []
        trigger_url = ""
        if settings.trigger_port is not None:
            server, port = country_server(handlers, heard), settings.trigger_port
            trigger_url = kept(await _listen(server, settings.host, port, "BRIDGE_TRIGGER_PORT")).url
        api = mediator(handlers, nid.routes(way.answers, tokens), settings.client_app_url, heard)
        mediator_url = kept(await _listen(api, settings.host, settings.port, "PORT")).url
        housekeeping = kept(Housekeeping(settings, world.clock, store, opencrvs))
        opened.push_async_callback(nid.stop)
        nid.start(mediator_url)
        way.outbox.start(way.work)
        housekeeping.start()
        log.info("listening", trigger=trigger_url, mediator=mediator_url, mode=settings.mode)
        return Running(trigger_url, mediator_url, settings, world, store, nid, way, traces, opened.pop_all())
