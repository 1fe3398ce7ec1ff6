"""Wires the mock OpenCRVS: two applications on two ports, one state. The routes are a table of contents."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web

from mock_opencrvs.admin.routes import RecordsAdmin
from mock_opencrvs.admin.scripts import Scripts
from mock_opencrvs.auth.limits import RateLimit
from mock_opencrvs.auth.oauth import Auth
from mock_opencrvs.auth.tokens import Tokens
from mock_opencrvs.country.config import CountryConfig
from mock_opencrvs.country.trigger import TRIGGER_FAULTS, Trigger
from mock_opencrvs.directory.people import UserDirectory
from mock_opencrvs.directory.seeding import people as seeded_people
from mock_opencrvs.events.core import Core
from mock_opencrvs.events.records import Records
from mock_opencrvs.forms.builtin import builtin_forms
from mock_opencrvs.http.auth_routes import AuthRoutes
from mock_opencrvs.http.cross_origin import cross_origin
from mock_opencrvs.http.events_port import EventsPort, announce_ready
from mock_opencrvs.http.events_service import EventsService
from mock_opencrvs.http.files import Files
from mock_opencrvs.http.gateway import Gateway, hapi_middleware
from mock_opencrvs.http.rest import RestTable, routes
from mock_opencrvs.procedures.registry import procedures
from mock_opencrvs.search.index import Index
from mock_opencrvs.search.workqueues import slugs, workqueue_configs
from mock_opencrvs.settings import Settings
from mock_opencrvs.state.archive import Archive
from testbed.admin import Admin, contract_routes
from testbed.faults import GENERIC, FaultKind, Faults
from testbed.guard import admin_guard
from testbed.journal import Journal
from testbed.serving import journal_middleware
from wire.http.listening import Listening, listen
from wire.keyfolder import KeyFolder
from wire.opencrvs.profiles import Profile
from wire.world import World

SEAMS: dict[str, frozenset[FaultKind]] = {
    "gateway": GENERIC,
    "accept": GENERIC,
    "reject": GENERIC,
    "procedure": GENERIC,
    "event.get": GENERIC,
    "event.search": GENERIC,
    "auth": GENERIC,
    "token": GENERIC,
    "well-known": GENERIC,
    "documents": GENERIC,
    "trigger": TRIGGER_FAULTS,
}
_BODY_LIMIT = 64 * 1024 * 1024


@dataclass
class Running:
    """A started mock OpenCRVS. Stop it with `close`."""

    settings: Settings
    world: World
    core: Core
    auth: Auth
    journal: Journal
    faults: Faults
    gateway: Listening
    auth_service: Listening
    session: aiohttp.ClientSession
    archive: Archive | None = None
    events_port: Listening | None = None
    """The events service itself, inside the country's network."""
    _announcing: asyncio.Task[bool] | None = None

    async def announce_ready(self) -> bool:
        """2.1: tell the country's server that core is ready, as at each start; whether it took that."""
        return await announce_ready(self.core)

    @property
    def gateway_url(self) -> str:
        return self.gateway.url

    @property
    def auth_url(self) -> str:
        return self.auth_service.url

    @property
    def records(self) -> Records:
        return self.core.records

    @property
    def people(self) -> UserDirectory:
        return self.core.people

    @property
    def country_config_url(self) -> str:
        """Where the trigger goes."""
        return self.core.trigger.base_url

    def point_at(self, country_config_url: str) -> None:
        """Send triggers to another country server from now on (both sides started with port 0)."""
        self.core.trigger.base_url = country_config_url

    async def reset(self) -> None:
        """Forget all records, drafts and log-ins, and seed the directory anew."""
        await _reset(self.core, self.auth)

    async def close(self) -> None:
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.wait([self._announcing])
        await self.gateway.close()
        if self.events_port is not None:
            await self.events_port.close()
        await self.auth_service.close()
        await self.session.close()
        if self.archive is not None:
            await self.core.persist()
            await self.archive.close()


async def _reset(core: Core, auth: Auth) -> None:
    core.clear()
    auth.clear()
    fresh = seeded_people(core.profile, slugs(core.profile))
    core.people.users, core.people.clients, core.people.places = fresh.users, fresh.clients, fresh.places
    await core.persist()


async def start(settings: Settings, world: World, journal: Journal | None = None) -> Running:
    """Bind both ports; port 0 takes a free one. PortTaken names the setting to change.

    `journal`: of the server whose place it takes, to be written on.
    """
    keys = await world.offload(KeyFolder(settings.keys).ensure)
    journal = Journal("mock_opencrvs", world) if journal is None else journal
    faults = Faults(world, SEAMS)
    async with AsyncExitStack() as undo:
        session = await undo.enter_async_context(_session())
        tokens = Tokens(settings, world, keys["opencrvs-auth"].private_key)
        core = _core(settings, world, tokens, session, journal, faults)
        archive = await _archive(settings, world, core)
        if archive is not None:
            undo.push_async_callback(archive.close)
        auth = Auth(settings, world, core.people, core.tokens, core.country.load_roles)
        gateway_app, auth_app = _applications(core, auth, journal, faults)
        gateway = await listen(
            gateway_app, settings.host, settings.gateway_port, "MOCK_OPENCRVS_GATEWAY_PORT"
        )
        undo.push_async_callback(gateway.close)
        auth_service = await listen(auth_app, settings.host, settings.auth_port, "MOCK_OPENCRVS_AUTH_PORT")
        undo.push_async_callback(auth_service.close)
        running = Running(
            settings, world, core, auth, journal, faults, gateway, auth_service, session, archive
        )
        if settings.events_port is not None:
            inner = _inner_application(core, journal)
            running.events_port = await listen(
                inner, settings.host, settings.events_port, "MOCK_OPENCRVS_EVENTS_PORT"
            )
            if settings.profile is Profile.V2_1:
                running._announcing = asyncio.create_task(running.announce_ready())
        undo.pop_all()
    return running


def applications(
    settings: Settings, world: World, keys: KeyFolder
) -> tuple[web.Application, web.Application]:
    """Gateway and auth without sockets: what they route, for the test that holds the contract against it."""
    journal, faults = Journal("mock_opencrvs", world), Faults(world, SEAMS)
    tokens = Tokens(settings, world, keys["opencrvs-auth"].private_key)
    core = _core(settings, world, tokens, None, journal, faults)
    auth = Auth(settings, world, core.people, tokens, core.country.load_roles)
    return _applications(core, auth, journal, faults)


def _session() -> aiohttp.ClientSession:
    """The trigger's connections: kept alive, without a limit of time or number."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        connector=aiohttp.TCPConnector(limit=0),
        skip_auto_headers=("User-Agent", "Accept"),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def _archive(settings: Settings, world: World, core: Core) -> Archive | None:
    """Open the state file, take its state over, and have changes written to it."""
    if settings.state_file is None:
        return None
    archive = Archive(settings.state_file, world)
    if await archive.load(core) and settings.seed is not None:
        # the same seed again would draw the ids that the file holds already
        drawn = sum(len(event["actions"]) for event in core.records)
        core.world = world.with_seed(f"{settings.seed}/{drawn}")
    core.persist = partial(archive.save, core)
    return archive


def _core(
    settings: Settings,
    world: World,
    tokens: Tokens,
    session: aiohttp.ClientSession | None,
    journal: Journal,
    faults: Faults,
) -> Core:
    people = seeded_people(settings.profile, slugs(settings.profile))
    forms = builtin_forms(
        settings.profile,
        mosip_fields=settings.mosip_fields,
        custom_flags=settings.custom_flags,
        deduplication=settings.deduplication,
    )
    trigger = Trigger(settings.country_config_url, session, journal, faults, world)
    workqueues = workqueue_configs(settings.profile, custom_flags=settings.custom_flags)
    return Core(
        settings=settings,
        world=world,
        people=people,
        forms=forms,
        tokens=tokens,
        trigger=trigger,
        country=CountryConfig(trigger, forms, workqueues, people, settings.fetch_country_config),
        index=Index(people),
        workqueues=workqueues,
    )


def _service(core: Core) -> EventsService:
    return EventsService(core, procedures(core.profile), RestTable(core.profile, routes(core.profile)))


def _inner_application(core: Core, journal: Journal) -> web.Application:
    app = web.Application(
        middlewares=[journal_middleware(journal), hapi_middleware(dict)], client_max_size=_BODY_LIMIT
    )
    app.add_routes(EventsPort(core, _service(core)).routes())
    return app


def _applications(
    core: Core, auth: Auth, journal: Journal, faults: Faults
) -> tuple[web.Application, web.Application]:
    profile = core.profile
    gateway = Gateway(
        core.tokens, _service(core), faults, core.world, profile, core.settings.check_invalid_token
    )
    auth_routes = AuthRoutes(auth, faults, RateLimit(core.settings.rate_limit))
    shared = Admin(core.world, journal, faults, partial(_reset, core, auth))

    gateway_app = web.Application(
        middlewares=[
            journal_middleware(journal),
            admin_guard(core.settings.allowed_hosts),
            cross_origin,
            hapi_middleware(gateway.refusal_headers),
        ],
        client_max_size=_BODY_LIMIT,
    )
    gateway_app.add_routes(
        [
            web.get("/ping", gateway.ping),
            *auth_routes.gateway(),
            web.route("*", "/events/{path:.*}", gateway.events),
            *Files(core, gateway).routes(),
            *shared.routes(),
            *RecordsAdmin(core, auth).routes(),
            *Scripts(core).routes(),
            *contract_routes("mock_opencrvs"),
        ]
    )
    auth_app = web.Application(
        middlewares=[journal_middleware(journal), hapi_middleware(lambda: {"Cache-Control": "no-cache"})]
    )
    auth_app.add_routes(auth_routes.own())
    return gateway_app, auth_app
