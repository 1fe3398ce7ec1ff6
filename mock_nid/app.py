"""Puts the parts of the mock National ID system together; the routes are its table of contents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from cryptography import x509

from mock_nid.api.admin import AdminHandlers
from mock_nid.api.answers import LIMIT, refusals
from mock_nid.api.auth import AuthHandlers
from mock_nid.api.identity import IdentityHandlers
from mock_nid.api.packets import PacketHandlers
from mock_nid.api.well_known import WellKnownHandlers
from mock_nid.clients import Clients, load_clients
from mock_nid.guards import Guards
from mock_nid.hub.courier import Courier
from mock_nid.hub.handlers import HubHandlers
from mock_nid.hub.messages import Message
from mock_nid.hub.subscriptions import Directory
from mock_nid.iam import Iam
from mock_nid.issuance import Issuer
from mock_nid.lifetimes import Lifetimes
from mock_nid.numbers import Numbers
from mock_nid.people import People, load_people
from mock_nid.plans import PlanBook, weighted_from
from mock_nid.processor import Processor
from mock_nid.publisher import Publisher
from mock_nid.registry import Registry
from mock_nid.seams import SEAMS, seam
from mock_nid.settings import Settings
from mock_nid.shares import Shares
from mock_nid.state import State
from testbed.admin import Admin, contract_route, problem_middleware
from testbed.faults import Faults
from testbed.journal import Journal
from testbed.serving import Handler, Listening, journal_middleware, listen
from wire.keyfolder import KeyFolder
from wire.mosip.keys import certificate
from wire.world import World

SERVER = "mock_nid"


@dataclass
class Parts:
    """Everything that a running server is made of."""

    settings: Settings
    world: World
    clients: Clients
    journal: Journal
    faults: Faults
    plans: PlanBook
    registry: Registry
    people: People
    numbers: Numbers
    directory: Directory
    courier: Courier
    publisher: Publisher
    issuer: Issuer
    shares: Shares
    processor: Processor
    lifetimes: Lifetimes
    guards: Guards
    iam: Iam
    state: State

    async def reset(self) -> None:
        """Back to a fresh start; subscriptions stay, as a subscriber does not subscribe twice."""
        await self.processor.close()
        self.registry.clear()
        self.plans.clear(weighted_from(self.settings.default_plan))
        self.shares.clear()
        self.publisher.forget()
        fresh = load_people(self.settings.people_file)
        self.people.persons, self.people.vids = fresh.persons, fresh.vids
        self.people.by_registration, self.people.by_handle = fresh.by_registration, fresh.by_handle
        self.state.changed()


@dataclass
class Running:
    """A server that listens. `url` is that of the MOSIP services."""

    url: str
    parts: Parts
    _listening: Listening

    @property
    def journal(self) -> Journal:
        return self.parts.journal

    @property
    def faults(self) -> Faults:
        return self.parts.faults

    @property
    def plans(self) -> PlanBook:
        return self.parts.plans

    @property
    def registrations(self) -> Registry:
        return self.parts.registry

    @property
    def people(self) -> People:
        return self.parts.people

    @property
    def subscriptions(self) -> Directory:
        return self.parts.directory

    @property
    def processor(self) -> Processor:
        return self.parts.processor

    async def close(self) -> None:
        await self.parts.processor.close()
        await self.parts.courier.close()
        await self._listening.close()
        await self.parts.state.close()


async def start(settings: Settings, world: World) -> Running:
    """Bind and serve; PortTaken names the port that another program holds, and the setting to change."""
    parts = build(settings, world)
    listening = await listen(application(parts), settings.host, settings.port, "MOCK_NID_PORT")
    public = settings.public_url or listening.url
    parts.issuer.base = settings.issuer_url or public
    parts.shares.base = public
    await parts.courier.start(f"{public}/hub")
    parts.processor.resume()
    return Running(listening.url, parts, listening)


def build(settings: Settings, world: World) -> Parts:
    """The parts over one world. With a seed the server draws from a chance of its own."""
    if settings.seed is not None:
        world = world.with_seed(f"mock_nid {settings.seed}")
    keys = KeyFolder(settings.keys).ensure()
    clients = load_clients(settings.clients_file)
    journal, faults = Journal(SERVER, world), Faults(world, SEAMS)
    plans = PlanBook(weighted_from(settings.default_plan))
    registry, people, directory = Registry(), load_people(settings.people_file), Directory()
    state = State(settings.state_file, world, registry, people, directory)
    state.load()
    numbers = Numbers(people, world, vid_digits=settings.vid_digits)
    shares = Shares(world)
    issuer = Issuer(
        settings,
        world,
        faults,
        people,
        keys["credential-issuer"],
        _partner_certificate(settings.partner_certificate, keys),
        shares,
    )

    def delivered(message: Message) -> None:
        for record in message.records:
            registration = registry.find(record)
            if registration is not None and message.topic.endswith("CREDENTIAL_ISSUED"):
                registry.keep(registration.delivered())
                state.changed()
                return

    courier = Courier(settings, world, journal, faults, directory, delivered, state.changed)
    publisher = Publisher(settings, world, directory, courier.publish)
    lifetimes = Lifetimes(people, numbers, settings, publisher)
    processor = Processor(
        settings, world, registry, people, plans, issuer, publisher, lifetimes, state.changed
    )
    iam = Iam(
        clients,
        keys["mosip-iam"].private_key,
        world,
        seconds=settings.token_seconds,
        fixed=settings.auth_token == "fixed",
    )
    guards = Guards(iam, dict(clients.audiences))
    return Parts(
        settings,
        world,
        clients,
        journal,
        faults,
        plans,
        registry,
        people,
        numbers,
        directory,
        courier,
        publisher,
        issuer,
        shares,
        processor,
        lifetimes,
        guards,
        iam,
        state,
    )


def _partner_certificate(path: Path | None, keys: KeyFolder) -> x509.Certificate:
    return certificate(path.read_bytes()) if path is not None else keys["partner"].certificate


def application(parts: Parts) -> web.Application:
    """All routes of the MOSIP services."""
    app = web.Application(
        middlewares=[journal_middleware(parts.journal), refusals(parts.world), problem_middleware],
        client_max_size=LIMIT,
    )

    def at(name: str, handler: Handler) -> Handler:
        return seam(parts.faults, name, handler)

    settings, world = parts.settings, parts.world
    auth = AuthHandlers(world, parts.clients, parts.iam, upstream_cookie=settings.auth_token == "fixed")
    packets = PacketHandlers(settings, world, parts.guards, parts.processor)
    hub = HubHandlers(settings, world, parts.iam, parts.directory, parts.courier)
    identity = IdentityHandlers(
        settings, world, parts.guards, parts.people, parts.numbers, parts.lifetimes, parts.state.changed
    )
    known = WellKnownHandlers(parts.issuer)
    admin = Admin(world, parts.journal, parts.faults, parts.reset)
    own = AdminHandlers(
        world,
        parts.plans,
        settings.default_plan,
        parts.registry,
        parts.processor,
        parts.people,
        parts.lifetimes,
        parts.directory,
        parts.courier,
    )
    repository = "/idrepository/v1/identity"
    app.add_routes(
        [
            web.post("/v1/authmanager/authenticate/clientidsecretkey", at("auth.token", auth.authenticate)),
            web.get("/v1/authmanager/authorize/admin/validateToken", at("auth.validate", auth.validate)),
            web.post("/v1/authmanager/authorize/validateToken", at("auth.validate", auth.validate)),
            web.put("/commons/v1/packetmanager/createPacket", at("packet.create", packets.create)),
            web.post(
                "/registrationprocessor/v1/workflowmanager/workflowinstance",
                at("packet.process", packets.start),
            ),
            *[
                web.post(path, at("hub.subscribe", hub.post))
                for path in ("/hub", "/hub/", "/websub/hub", "/websub/hub/")
            ],
            web.get("/hub/actuator/health", hub.health),
            web.get("/websub/hub/actuator/health", hub.health),
            web.get("/.well-known/public-key.json", at("public-key", known.public_key)),
            web.get("/.well-known/controller.json", at("public-key", known.controller)),
            web.get("/.well-known/mosip-context.json", known.context),
            web.get("/v1/idgenerator/uin", at("uin.generate", identity.generate_uin)),
            web.post(f"{repository}/", at("identity", identity.create)),
            web.patch(f"{repository}/", at("identity", identity.update)),
            web.get(f"{repository}/idvid/{{id}}", at("identity", identity.read)),
            web.post(f"{repository}/idvid/", at("identity", identity.read_by_post)),
            web.get(f"{repository}/rid/{{id}}", at("identity", identity.registration_of)),
            *admin.routes(),
            *own.routes(),
            contract_route(SERVER),
        ]
    )
    return app
