"""Wires the mock OpenCRVS: two applications on two ports, one state. The routes are a table of contents."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
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
from mock_opencrvs.http.rest import RestTable
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


class Running:
    """A mock OpenCRVS: its parts over one world. `start` gives one that listens; stop it with `close`.

    `journal`: of the server whose place it takes, to be written on.
    """

    gateway: Listening
    auth_service: Listening
    events_port: Listening | None = None
    """The events service itself, inside the country's network."""
    archive: Archive | None = None
    _closing: AsyncExitStack
    _announcing: asyncio.Task[bool] | None = None

    def __init__(
        self, settings: Settings, world: World, keys: KeyFolder, journal: Journal | None = None
    ) -> None:
        self.settings, self.world = settings, world
        self.journal = Journal("mock_opencrvs", world) if journal is None else journal
        self.faults = Faults(world, SEAMS)
        profile, custom_flags = settings.profile, settings.custom_flags
        people = seeded_people(profile, slugs(profile))
        forms = builtin_forms(
            profile,
            mosip_fields=settings.mosip_fields,
            custom_flags=custom_flags,
            deduplication=settings.deduplication,
        )
        trigger = Trigger(settings.country_config_url, None, self.journal, self.faults, world)
        workqueues = workqueue_configs(profile, custom_flags=custom_flags)
        self.core = Core(
            settings=settings,
            world=world,
            people=people,
            forms=forms,
            tokens=Tokens(settings, world, keys["opencrvs-auth"].private_key),
            trigger=trigger,
            country=CountryConfig(trigger, forms, workqueues, people, settings.fetch_country_config),
            index=Index(people),
        )
        self.auth = Auth(settings, world, people, self.core.tokens, self.core.country.load_roles)
        self._service = EventsService(self.core, procedures(profile), RestTable(profile))

    async def listen(self) -> None:
        """Bind the ports; port 0 takes a free one. PortTaken names the setting to change."""
        settings = self.settings
        async with AsyncExitStack() as undo:
            self.core.trigger.session = await undo.enter_async_context(_session())
            if settings.state_file is not None:
                await self._open(Archive(settings.state_file, self.world), undo)
            gateway, auth = self.applications()
            self.gateway = await self._listen(undo, gateway, settings.gateway_port, "GATEWAY_PORT")
            self.auth_service = await self._listen(undo, auth, settings.auth_port, "AUTH_PORT")
            if settings.events_port is not None:
                inner = self._inner_application()
                self.events_port = await self._listen(undo, inner, settings.events_port, "EVENTS_PORT")
                if settings.profile is Profile.V2_1:
                    self._announcing = asyncio.create_task(self.announce_ready())
            self._closing = undo.pop_all()

    async def _listen(self, undo: AsyncExitStack, app: web.Application, port: int, setting: str) -> Listening:
        listening = await listen(app, self.settings.host, port, f"MOCK_OPENCRVS_{setting}")
        undo.push_async_callback(listening.close)
        return listening

    async def _open(self, archive: Archive, undo: AsyncExitStack) -> None:
        """Take the state file's state over, and have changes written to it."""
        core = self.core
        undo.push_async_callback(archive.close)
        if await archive.load(core) and self.settings.seed is not None:
            # the same seed again would draw the ids that the file holds already
            drawn = sum(len(event["actions"]) for event in core.records)
            core.world = self.world.with_seed(f"{self.settings.seed}/{drawn}")
        core.persist = partial(archive.save, core)
        undo.push_async_callback(core.persist)
        self.archive = archive

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
        core = self.core
        core.clear()
        self.auth.clear()
        fresh = seeded_people(core.profile, slugs(core.profile))
        core.people.users, core.people.clients, core.people.places = fresh.users, fresh.clients, fresh.places
        await core.persist()

    async def close(self) -> None:
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.wait([self._announcing])
        await self._closing.aclose()

    def _inner_application(self) -> web.Application:
        app = web.Application(
            middlewares=[journal_middleware(self.journal), hapi_middleware(dict)], client_max_size=_BODY_LIMIT
        )
        app.add_routes(EventsPort(self.core, self._service).routes())
        return app

    def applications(self) -> tuple[web.Application, web.Application]:
        """The gateway's and the auth service's: what they route."""
        core, auth, faults = self.core, self.auth, self.faults
        gateway = Gateway(
            core.tokens, self._service, faults, core.world, core.profile, core.settings.check_invalid_token
        )
        auth_routes = AuthRoutes(auth, faults, RateLimit(core.settings.rate_limit))
        gateway_app = web.Application(
            middlewares=[
                journal_middleware(self.journal),
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
                *Admin(core.world, self.journal, faults, self.reset).routes(),
                *RecordsAdmin(core, auth).routes(),
                *Scripts(core).routes(),
                *contract_routes("mock_opencrvs"),
            ]
        )
        uncached = hapi_middleware(lambda: {"Cache-Control": "no-cache"})
        auth_app = web.Application(middlewares=[journal_middleware(self.journal), uncached])
        auth_app.add_routes(auth_routes.own())
        return gateway_app, auth_app


async def start(settings: Settings, world: World, journal: Journal | None = None) -> Running:
    keys = await world.offload(KeyFolder(settings.keys).ensure, "MOCK_OPENCRVS_KEYS")
    running = Running(settings, world, keys, journal)
    await running.listen()
    return running


def _session() -> aiohttp.ClientSession:
    """The trigger's connections: kept alive, without a limit of time or number."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        connector=aiohttp.TCPConnector(limit=0),
        skip_auto_headers=("User-Agent", "Accept"),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
