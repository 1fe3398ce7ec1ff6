"""Wires the parts: opens the store, takes up the work of an earlier run, listens on both ports."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from bridge import caution
from bridge.flow.answer import Deliveries
from bridge.flow.housekeeping import Watch
from bridge.flow.operations import Operations
from bridge.flow.receive import Intake
from bridge.flow.work import Flow, Parts
from bridge.handlers.callback import Callback
from bridge.handlers.debug import DebugApi
from bridge.handlers.interop import Interop
from bridge.handlers.operations import Health, OperationsApi
from bridge.handlers.people import PeopleApi
from bridge.handlers.trigger import Trigger
from bridge.metrics import Metrics
from bridge.mosip.addresses import missing
from bridge.mosip.certificates import Certificates
from bridge.mosip.client import Mosip
from bridge.mosip.credential import Opener
from bridge.mosip.esignet import ESignet
from bridge.mosip.subscription import Subscriptions
from bridge.mosip.verification import Verification
from bridge.opencrvs.client import OpenCRVS
from bridge.peer import trust
from bridge.registration import Registration
from bridge.routes import Handlers, country_server, mediator
from bridge.serving import Listening, listen
from bridge.settings import Settings
from bridge.starting import WRITABLE, CannotStart, needs
from bridge.store.store import Store
from bridge.store.vault import Vault
from wire.keyfolder import KeyFolder
from wire.redaction import hide_always
from wire.world import World


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
    flow: Flow
    operations: Operations
    subscriptions: Subscriptions
    _peers: Sequence[_Peer]
    _listening: Sequence[Listening]
    _watch: Watch

    async def pending(self, limit: int = 1000) -> list[Registration]:
        """What is not settled, oldest first."""
        return await self.store.pending(limit=limit)

    async def close(self) -> None:
        """Stop listening, finish what is under way, close the store."""
        await self.subscriptions.close()
        await self._watch.close()
        await _close(self._listening)
        await self.flow.outbox.close()
        await _close(self._peers)
        await self.store.close()

    async def kill(self) -> None:
        """Abandon everything at once: nothing is finished or flushed; the next start finds it in
        the store.
        """
        await self.store.kill()
        await self.flow.outbox.kill()
        await self.subscriptions.close()
        await self._watch.close()
        await _close(self._listening)
        await _close(self._peers)


async def start(settings: Settings, world: World) -> Running:
    """Raises CannotStart, and leaves nothing open, when it cannot."""
    log = structlog.get_logger("bridge")
    hide_always(*_secrets(settings))
    if lost := missing(settings):
        names = ", ".join(str(Settings.model_fields[name].alias) for name in lost)
        raise CannotStart(f"settings {names} are missing: the others name hosts that are not this machine")
    caution.refuse(settings)
    caution.warn(settings)
    async with AsyncExitStack() as opened:
        store = await Store.open(settings.store_url, world, _vault(settings, world))
        opened.push_async_callback(store.close)
        await _check_encryption_keys(store, log)
        with needs("SSL_CERT_FILE", "give a PEM file of certificates"):
            trust(settings.ca_file)
        certificates = Certificates(settings)
        for each in certificates.running_out(world.clock.now()):
            log.warning("a certificate ran out" if each.over else "a certificate runs out", **each.shown)
        peers: list[_Peer] = []
        opened.push_async_callback(_close, peers)
        peers.append(opencrvs := OpenCRVS(settings, world))
        peers.append(nid := Mosip(settings, world))
        flow = Flow(Parts(settings, world, store, nid, opencrvs, Opener(settings, world, nid.peer)))
        channels, watch = flow.outbox.channels, Watch(flow)
        peers.append(verification := Verification(settings, world, channels))
        peers.append(esignet := ESignet(settings, world, channels))
        subscriptions, metrics = Subscriptions(settings, world, store, nid.hub, channels), Metrics()
        flow.outbox.on_attempt, store.on_state = metrics.attempt, metrics.state
        flow.on_untold = metrics.untold.inc
        intake, operations, tokens = Intake(flow), Operations(flow), opencrvs.tokens
        credential = settings.operations_token
        handlers = Handlers(
            trigger=Trigger(intake, tokens, world),
            interop=Interop(intake, tokens, world),
            people=PeopleApi(verification, esignet, tokens, world),
            callback=Callback(Deliveries(flow), subscriptions, world),
            debug=DebugApi(operations, tokens),
            operations=OperationsApi(
                operations, credential.get_secret_value() if credential else None, world
            ),
            health=Health(operations, subscriptions, metrics, certificates, world),
        )
        host = settings.host
        listening: list[Listening] = []
        opened.push_async_callback(_close, listening)
        trigger_url = ""
        if settings.trigger_port is not None:
            country = country_server(handlers)
            listening.append(await listen(country, host, settings.trigger_port, "BRIDGE_TRIGGER_PORT"))
            trigger_url = listening[-1].url
        api = mediator(handlers, settings.client_app_url)
        listening.append(await listen(api, host, settings.port, "PORT"))
        mediator_url = listening[-1].url
        opened.pop_all()
    subscriptions.start(settings.callback_url or f"{mediator_url}/websub/callback")
    flow.outbox.start()
    watch.start()
    log.info("listening", trigger=trigger_url, mediator=mediator_url, mode=settings.mode)
    return Running(
        trigger_url,
        mediator_url,
        settings,
        world,
        store,
        flow,
        operations,
        subscriptions,
        peers,
        listening,
        watch,
    )


async def _check_encryption_keys(store: Store, log: structlog.stdlib.BoundLogger) -> None:
    """Say at once, not when the answer of the ID system comes, that a key is missing."""
    for registration in await store.pending(limit=1):
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
    password = urlsplit(settings.store_url).password or ""
    return [part.strip() for one in given for part in (one, *one.split(","))] + [password]


def _vault(settings: Settings, world: World) -> Vault:
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
