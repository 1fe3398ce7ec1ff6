"""Everything that a running server is made of, put together over one world."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from mock_nid.auth.clients import Clients, load_clients
from mock_nid.auth.guards import Guards
from mock_nid.auth.iam import Iam
from mock_nid.esignet.handlers import ESignet
from mock_nid.esignet.sessions import Sessions
from mock_nid.esignet.tokens import Signer
from mock_nid.hub.messages import Message
from mock_nid.hub.queues import DeliveryQueues
from mock_nid.hub.subscriptions import Directory
from mock_nid.ida.otps import Otps
from mock_nid.ida.service import IdaService, Keys
from mock_nid.ida.tokens import KycTokens
from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import Identities, load_people
from mock_nid.identities.vids import Vids
from mock_nid.packets.plan_book import PlanBook
from mock_nid.packets.plans import weighted_from
from mock_nid.packets.registry import Registry
from mock_nid.preregistration.applications import Application
from mock_nid.processing.issuance import Issuer
from mock_nid.processing.lifetimes import Lifetimes
from mock_nid.processing.manual_verification import ManualVerification
from mock_nid.processing.processor import Processor
from mock_nid.processing.publisher import Publisher
from mock_nid.processing.shares import Shares
from mock_nid.seams import SEAMS
from mock_nid.settings import Settings
from mock_nid.state import StateFile
from testbed.faults import Faults
from testbed.journal import Journal
from wire.environment import SettingRefused
from wire.keyfolder import KeyFolder
from wire.mosip.keys import KeyUnusable, certificate
from wire.world import World

SERVER = "mock_nid"


@dataclass
class Services:
    """The parts; handlers take from here what they need."""

    settings: Settings
    world: World
    keys: KeyFolder
    clients: Clients
    journal: Journal
    faults: Faults
    plans: PlanBook
    registry: Registry
    people: Identities
    numbers: Numbers
    directory: Directory
    queues: DeliveryQueues
    publisher: Publisher
    issuer: Issuer
    shares: Shares
    lifetimes: Lifetimes
    desk: ManualVerification
    processor: Processor
    vids: Vids
    iam: Iam
    guards: Guards
    ida: IdaService
    esignet: ESignet
    state: StateFile
    applications: dict[str, Application]
    otps: Otps = field(default_factory=Otps)
    kyc_tokens: KycTokens = field(default_factory=KycTokens)

    async def reset(self) -> None:
        """Back to a fresh start; subscriptions stay, as a subscriber does not subscribe twice."""
        await self.processor.close()
        self.registry.clear()
        self.plans.clear(weighted_from(self.settings.default_plan))
        self.shares.clear()
        self.desk.cases.clear()
        self.applications.clear()
        self.publisher.forget()
        self.otps.clear()
        self.kyc_tokens.kept.clear()
        self.issuer.sign_with(self.keys["credential-issuer"])
        self.esignet.sessions.clear()
        fresh = load_people(self.settings.people_file, self.settings.locale, self.settings.handles)
        self.people.persons, self.people.vids = fresh.persons, fresh.vids
        self.people.by_registration, self.people.by_handle = fresh.by_registration, fresh.by_handle
        self.state.changed()


def build(settings: Settings, world: World) -> Services:
    """All parts over one world. With a seed the server draws from a chance of its own."""
    if settings.seed is not None:
        world = world.with_seed(f"{SERVER} {settings.seed}")
    keys = KeyFolder(settings.keys).ensure()
    clients = load_clients(settings.clients_file)
    plans = PlanBook(weighted_from(settings.default_plan))
    registry, people, directory = (
        Registry(),
        load_people(settings.people_file, settings.locale, settings.handles),
        Directory(),
    )
    journal, faults = Journal(SERVER, world, known=people.taken), Faults(world, SEAMS)
    state = StateFile(settings.state_file, world, registry, people, directory)
    state.load()
    numbers, shares = Numbers(people, world, vid_digits=settings.vid_digits), Shares(world)
    partner = _certificate(settings.partner_certificate, keys["partner"].certificate)
    issuer = Issuer(settings, world, faults, people, keys["credential-issuer"], partner, shares)
    queues = DeliveryQueues(
        settings, world, journal, faults, directory, _Counter(registry, state), state.changed
    )
    publisher = Publisher(settings, world, queues.publish)
    lifetimes = Lifetimes(people, numbers, settings, publisher, world)
    desk = ManualVerification(settings, world, people, lifetimes, state.cases)
    processor = Processor(
        settings, world, registry, people, plans, issuer, publisher, lifetimes, state.changed
    )
    iam = Iam(
        clients,
        keys["mosip-iam"].private_key,
        world,
        seconds=settings.token_seconds,
        fixed=settings.quirks.fixed_token,
    )
    otps, kyc_tokens = Otps(), KycTokens()
    client = _certificate(settings.ida_client_certificate, keys["ida-client"].certificate)
    ida = IdaService(
        settings,
        world,
        clients,
        people,
        otps,
        kyc_tokens,
        Keys(own=keys["ida-partner"], sign=keys["ida-sign"], client=client, partner=partner),
    )
    esignet = ESignet(
        settings,
        world,
        clients.relying_parties,
        people,
        Sessions(),
        Signer(keys["esignet"]),
        keys["oidp-client"].private_key.public_key(),
    )
    return Services(
        settings=settings,
        world=world,
        keys=keys,
        clients=clients,
        journal=journal,
        faults=faults,
        plans=plans,
        registry=registry,
        people=people,
        numbers=numbers,
        directory=directory,
        queues=queues,
        publisher=publisher,
        issuer=issuer,
        shares=shares,
        lifetimes=lifetimes,
        desk=desk,
        processor=processor,
        vids=Vids(people, numbers),
        iam=iam,
        guards=Guards(iam, dict(clients.audiences)),
        ida=ida,
        esignet=esignet,
        state=state,
        applications=state.applications,
        otps=otps,
        kyc_tokens=kyc_tokens,
    )


class _Counter:
    """Counts the credential deliveries of each registration."""

    def __init__(self, registry: Registry, state: StateFile) -> None:
        self._registry, self._state = registry, state

    def __call__(self, message: Message) -> None:
        if not message.topic.endswith("CREDENTIAL_ISSUED"):
            return
        for record in message.records:
            registration = self._registry.registrations.get(record)
            if registration is not None:
                self._registry.keep(registration.delivered())
                self._state.changed()
                return


def _certificate(path: Path | None, default: x509.Certificate) -> x509.Certificate:
    try:
        return certificate(path.read_bytes()) if path is not None else default
    except (OSError, KeyUnusable) as wrong:
        raise SettingRefused(f"setting MOCK_NID_PARTNER_CERTIFICATE: {path}: {wrong}") from None
