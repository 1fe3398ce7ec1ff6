"""Wires the parts: opens the store, takes up the work of an earlier run, listens on both ports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from bridge.channels import Channels
from bridge.country.faults import faults_of, idle_rules
from bridge.country.folder import kinds_of
from bridge.expiring import running_out
from bridge.flow.amend import Amend
from bridge.flow.answer import TakenAnswers
from bridge.flow.apply import Apply
from bridge.flow.ask import Ask
from bridge.flow.at_once import AtOnce, Preparation
from bridge.flow.confirm import Confirm
from bridge.flow.housekeeping import Housekeeping
from bridge.flow.operations import Operations
from bridge.flow.outbox import Outbox
from bridge.flow.packets import Packets
from bridge.flow.pay import Pay
from bridge.flow.postpone import Postpone
from bridge.flow.receive import Receive
from bridge.flow.record import Record
from bridge.flow.schedule import Schedule
from bridge.flow.transitions import Transitions
from bridge.flow.verify import Verify
from bridge.flow.wait import Wait
from bridge.flow.work import Work
from bridge.handlers.country_config import PassOn
from bridge.handlers.debug import DebugApi
from bridge.handlers.interop import Interop
from bridge.handlers.operations import Health, OperationsApi
from bridge.handlers.trigger import TriggerHandler
from bridge.metrics import Metrics
from bridge.nid import IdSystem, chosen
from bridge.opencrvs.client import OpenCRVS
from bridge.opencrvs.country_config import CountryConfig
from bridge.payments import Payments
from bridge.registration import Registration, Task
from bridge.routes import Handlers, country_server, mediator
from bridge.settings import Settings
from bridge.starting import WRITABLE, CannotStart, needs, open_traces
from bridge.store.store import Store
from bridge.store.vault import Vault
from wire.http.client import trust
from wire.http.listening import Listening, listen
from wire.http.passing import Passing
from wire.keyfolder import KeyFolder
from wire.opencrvs.profiles import Profile
from wire.redaction import hide_always
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces

CORE_DEMANDS = ("/config/events", "/config/workqueues", "/config/roles", "/ping", "/triggers/user/…")
"""What core asks a country config for besides actions (contract opencrvs §0.4 row 22, §1.6)."""
_listen = partial(listen, line_limit=8190, shutdown_seconds=2.0)
"""With the bytes of a request line and of a header: nobody who calls the bridge needs more."""


class _Peer(Protocol):
    async def close(self) -> None: ...


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
    work: Work
    operations: Operations
    _outbox: Outbox
    _peers: Sequence[_Peer]
    _listening: Sequence[Listening]
    _housekeeping: Housekeeping
    _traces: Traces | None

    async def pending(self, limit: int = 1000) -> list[Registration]:
        """What is not settled, oldest first."""
        return await self.store.listings.pending(limit=limit)

    async def close(self) -> None:
        """Stop listening, finish what is under way, close the store."""
        await self.nid.stop()
        await self._housekeeping.close()
        await _close(self._listening)
        await self._outbox.close()
        await _close(self._peers)
        await self.store.close()
        if self._traces is not None:
            await self._traces.close()

    async def kill(self) -> None:
        """Abandon everything at once: nothing is finished or flushed; the next start finds it in
        the store.
        """
        await self.store.kill()
        await self._outbox.kill()
        await self.nid.stop()
        await self._housekeeping.close()
        await _close(self._listening)
        await _close(self._peers)
        if self._traces is not None:
            await self._traces.kill()


async def start(settings: Settings, world: World) -> Running:
    """Raises CannotStart or CannotListen, and leaves nothing open, when it cannot."""
    log = structlog.get_logger("bridge")
    hide_always(*_secrets(settings))
    make = chosen(settings.id_system)
    _check_country(settings, make)
    async with AsyncExitStack() as opened:
        metrics, schedule, channels = Metrics(), Schedule(world.clock), Channels(world)
        traces = open_traces(settings, world)
        if traces is not None:
            opened.push_async_callback(traces.close)

        def reached(registration: Registration) -> None:
            metrics.state(registration.state)
            if traces is not None:
                traces.reached(registration)

        vault = open_vault(settings, world)
        store = await Store.open(settings.store_url, world, vault, due=schedule.due, reached=reached)
        opened.push_async_callback(store.close)
        await _check_encryption_keys(store, log)
        with needs("SSL_CERT_FILE", "give a PEM file of certificates"):
            trust(settings.ca_file)
        nid = make(settings, world, store, channels)
        hide_always(*nid.secrets)
        opened.push_async_callback(nid.close)
        for each in running_out(nid.certificates, world.clock.now()):
            log.warning("a certificate ran out" if each.over else "a certificate runs out", **each.shown)
        opencrvs = OpenCRVS(settings, world)
        opened.push_async_callback(opencrvs.close)
        tokens = opencrvs.tokens
        country = CountryConfig(settings, world)
        opened.push_async_callback(country.close)
        payments = Payments(settings, world)
        opened.push_async_callback(payments.close)
        passing = _passing(settings, world, log)
        if passing is not None:
            opened.push_async_callback(passing.close)

        # the way of a registration
        outbox = Outbox(
            store,
            world,
            schedule,
            channels,
            concurrency=settings.concurrency,
            lease_seconds=settings.lease_seconds,
            paces=settings.paces,
            attempted=metrics.attempt,
            traces=traces,
        )
        transitions = Transitions(
            settings.policy, world.clock, store, outbox, count_untold=metrics.untold.inc
        )
        packets = Packets(settings, world, store)
        record = Record(store, nid, opencrvs)
        ask = Ask(settings, world, store, nid, opencrvs, record, transitions, traces)
        postpone = Postpone(settings, world, store, channels, transitions)
        verify = Verify(settings, store, nid, packets=packets, postpone=postpone, transitions=transitions)
        pay = Pay(settings, payments, packets=packets, postpone=postpone, transitions=transitions)
        steps: dict[Task, Preparation] = {Task.VERIFY: verify, Task.PAY: pay}
        receive = Receive(
            settings,
            world,
            store,
            nid,
            country=country,
            packets=packets,
            record=record,
            ask=ask,
            at_once=AtOnce(settings, world, record, ask, transitions, steps, traces),
            outbox=outbox,
            transitions=transitions,
        )
        wait = Wait(settings, world, store, nid, transitions)
        answers = TakenAnswers(settings.policy, world.clock, store, nid, transitions, wait, traces)
        work = Work(
            store,
            world.clock,
            nid,
            transitions,
            amend=Amend(store, country, packets, transitions),
            verify=verify,
            pay=pay,
            ask=ask,
            apply=Apply(store, nid, opencrvs, transitions),
            wait=wait,
            answers=answers,
            confirm=Confirm(settings, world, store, nid, opencrvs, transitions),
            postpone=postpone,
        )
        operations = Operations(settings, world.clock, store, nid, opencrvs, outbox, channels, transitions)

        pass_on = PassOn(passing) if passing is not None else None
        handlers = Handlers(
            trigger=TriggerHandler(receive, tokens, world, pass_on, traces),
            interop=Interop(receive, tokens, world, traces),
            debug=DebugApi(operations, tokens),
            operations=OperationsApi(operations, tokens, settings.operator_names, world),
            health=Health(operations, nid, metrics),
            country=pass_on,
        )
        host = settings.host
        listening: list[Listening] = []
        opened.push_async_callback(_close, listening)
        trigger_url = ""
        if settings.trigger_port is not None:
            server = country_server(handlers)
            listening.append(await _listen(server, host, settings.trigger_port, "BRIDGE_TRIGGER_PORT"))
            trigger_url = listening[-1].url
        api = mediator(handlers, nid.routes(answers, tokens), settings.client_app_url)
        listening.append(await _listen(api, host, settings.port, "PORT"))
        mediator_url = listening[-1].url
        opened.pop_all()
    housekeeping = Housekeeping(settings, world.clock, store, opencrvs)
    nid.start(mediator_url)
    outbox.start(work)
    housekeeping.start()
    log.info("listening", trigger=trigger_url, mediator=mediator_url, mode=settings.mode)
    return Running(
        trigger_url,
        mediator_url,
        settings,
        world,
        store,
        nid,
        work,
        operations,
        outbox,
        [*([passing] if passing is not None else []), country, payments, opencrvs, nid],
        listening,
        housekeeping,
        traces,
    )


def _check_country(settings: Settings, make: type[IdSystem]) -> None:
    """CannotStart when the folder is wrong, or asks for what this bridge cannot do."""
    folder = settings.country
    profile = Profile(settings.profile)
    for fault in faults_of(folder, profile):
        raise CannotStart(f"setting BRIDGE_COUNTRY: {fault}")
    rules = settings.policy.rules
    if idle := list(idle_rules(folder, profile)):
        structlog.get_logger("bridge").warning("rules of the policy that do nothing", rules=idle)
    if unmapped := sorted(set(settings.forwarded) - kinds_of(folder)):
        raise CannotStart(
            f"setting BRIDGE_FORWARDED: packet_fields.json of {folder} has no mapping for "
            f"{', '.join(unmapped)}; add one, or do not forward such events"
        )
    if unruled := sorted(set(settings.forwarded) - {kind for kind, _ in rules.identities()}):
        raise CannotStart(
            f"setting BRIDGE_FORWARDED: policy.json of {folder} makes no identity of {', '.join(unruled)}; "
            "add a rule for REGISTER, or do not forward such events"
        )
    if rules.charges and settings.payments_url is None:
        raise CannotStart(
            f"setting BRIDGE_PAYMENTS_URL is missing: policy.json of {folder} asks for a payment"
        )
    if rules.application and make.apply is IdSystem.apply:
        raise CannotStart(
            f"setting BRIDGE_COUNTRY: policy.json of {folder} applies for older children, and the ID system "
            f"{settings.id_system} (BRIDGE_ID_SYSTEM) takes no applications"
        )
    if rules.verifies and make.verify is IdSystem.verify:
        raise CannotStart(
            f"setting BRIDGE_COUNTRY: policy.json of {folder} verifies people, and the ID system "
            f"{settings.id_system} (BRIDGE_ID_SYSTEM) verifies nobody"
        )


def _passing(settings: Settings, world: World, log: structlog.stdlib.BoundLogger) -> Passing | None:
    """The way to the country's own server; without one the start says what core then misses."""
    if settings.trigger_port is None:
        return None
    if settings.country_config_url is None:
        log.info(
            "no country config behind the bridge (BRIDGE_COUNTRY_CONFIG_URL): core asks for these elsewhere, "
            "or does not start",
            missing=list(CORE_DEMANDS),
        )
        return None
    told = urlsplit(settings.country_config_url)
    if told.port == settings.trigger_port and (told.hostname or "") in (
        settings.host,
        "localhost",
        "127.0.0.1",
    ):
        raise CannotStart(
            f"setting BRIDGE_COUNTRY_CONFIG_URL: {settings.country_config_url} is the bridge itself; give "
            "the country's own server another port, and this one to OpenCRVS (BRIDGE_TRIGGER_PORT)"
        )
    return Passing(
        "the country config",
        settings.country_config_url,
        world,
        settings.country_config_seconds,
        ca_file=settings.ca_file,
    )


async def _check_encryption_keys(store: Store, log: structlog.stdlib.BoundLogger) -> None:
    """Say at once, not when the answer of the ID system comes, that a key is missing."""
    for registration in await store.listings.pending(limit=1):
        if (why := (await store.secrets(registration.id)).unreadable) is not None:
            log.error(
                "stored secrets cannot be opened: add the old key to BRIDGE_ENCRYPTION_KEYS",
                registration=registration.id,
                why=why,
            )


async def _close(them: Sequence[_Peer]) -> None:
    for each in them:
        await each.close()


def _secrets(settings: Settings) -> list[str]:
    """Every secret of the settings, lists taken apart, and the database's password."""
    given = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    passwords = re.findall(r"://[^/@]*?:([^@]*)@", settings.store_url)
    parts = [part.strip() for one in given for part in (one, *one.split(","))]
    return parts + list(settings.operator_names) + passwords


def open_vault(settings: Settings, world: World) -> Vault:
    """Under the keys of the settings. CannotStart when they cannot be had."""
    with needs("REHEARSAL_KEYS", WRITABLE):
        keys = encryption_keys(settings, world)
    try:
        return Vault(keys, world.chance)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def encryption_keys(settings: Settings, world: World) -> list[str]:
    """The keys of stored secrets: those of the settings, or one that is made once in the key folder."""
    if settings.encryption_keys is not None:
        return [key.strip() for key in settings.encryption_keys.get_secret_value().split(",") if key.strip()]
    return [KeyFolder(settings.keys).text("bridge-store.key", lambda: world.chance.bytes(32).hex())]
