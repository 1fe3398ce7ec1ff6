"""Everything that a running server is made of, put together over one world."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from mock_nid.auth.clients import load_clients
from mock_nid.auth.guards import Guards
from mock_nid.auth.iam import Iam
from mock_nid.esignet.handlers import ESignet
from mock_nid.esignet.sessions import Sessions
from mock_nid.esignet.tokens import Signer
from mock_nid.hub.messages import Message
from mock_nid.hub.queues import DeliveryQueues
from mock_nid.hub.subscriptions import Directory
from mock_nid.ida.otps import Otps
from mock_nid.ida.requests import Keys
from mock_nid.ida.service import IdaService
from mock_nid.ida.tokens import KycTokens
from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import Identities, load_people
from mock_nid.identities.vids import Vids
from mock_nid.packets.plan_book import PlanBook
from mock_nid.packets.plans import weighted_from
from mock_nid.packets.registry import Registry
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


class Services:
    """The parts, over one world; handlers take from here what they need.

    With a seed the server draws from a chance of its own.
    """

    def __init__(self, settings: Settings, world: World) -> None:
        if settings.seed is not None:
            world = world.with_seed(f"{SERVER} {settings.seed}")
        self.settings, self.world = settings, world
        self.keys = keys = KeyFolder(settings.keys).ensure("MOCK_NID_KEYS")
        self.clients = clients = load_clients(settings.clients_file)
        self.plans = PlanBook(weighted_from(settings.default_plan))
        self.registrations, self.subscriptions = Registry(), Directory()
        self.people = people = self._known_people()
        self.journal, self.faults = Journal(SERVER, world, known=people.taken), Faults(world, SEAMS)
        self.state = StateFile(settings.state_file, world, self.registrations, people, self.subscriptions)
        self.state.load()
        self.applications = self.state.applications
        self.numbers, self.shares = Numbers(people, world, vid_digits=settings.vid_digits), Shares(world)
        partner = _certificate(
            "PARTNER_CERTIFICATE", settings.partner_certificate, keys["partner"].certificate
        )
        self.issuer = Issuer(
            settings, world, self.faults, people, keys["credential-issuer"], partner, self.shares
        )
        self.queues = DeliveryQueues(
            settings, world, self.journal, self.faults, self.subscriptions, self._count, self.state.changed
        )
        self.publisher = Publisher(settings, world, self.queues.publish)
        self.lifetimes = Lifetimes(people, self.numbers, settings, self.publisher, world)
        self.desk = ManualVerification(settings, world, people, self.lifetimes, self.state.cases)
        self.processor = Processor(
            settings,
            world,
            self.registrations,
            people,
            self.plans,
            self.issuer,
            self.publisher,
            self.lifetimes,
            self.state.changed,
        )
        self.vids = Vids(people, self.numbers)
        fixed = settings.quirks.fixed_token
        self.iam = Iam(
            clients, keys["mosip-iam"].private_key, world, seconds=settings.token_seconds, fixed=fixed
        )
        self.guards = Guards(self.iam, dict(clients.audiences))
        self.otps, self.kyc_tokens = Otps(), KycTokens()
        client = _certificate(
            "IDA_CLIENT_CERTIFICATE", settings.ida_client_certificate, keys["ida-client"].certificate
        )
        ida_keys = Keys(own=keys["ida-partner"], sign=keys["ida-sign"], client=client, partner=partner)
        self.ida = IdaService(settings, world, clients, people, self.otps, self.kyc_tokens, ida_keys)
        default_key = keys["oidp-client"].private_key.public_key()
        self.esignet = ESignet(
            settings, world, clients.relying_parties, people, Sessions(), Signer(keys["esignet"]), default_key
        )

    def _known_people(self) -> Identities:
        return load_people(self.settings.people_file, self.settings.locale, self.settings.handles)

    def _count(self, message: Message) -> None:
        """Counts the credential deliveries of each registration."""
        if not message.topic.endswith("CREDENTIAL_ISSUED"):
            return
        for record in message.records:
            registration = self.registrations.registrations.get(record)
            if registration is not None:
                self.registrations.keep(registration.delivered())
                self.state.changed()
                return

    async def forget(self) -> None:
        """Back to a fresh start; subscriptions stay, as a subscriber does not subscribe twice."""
        await self.processor.close()
        self.registrations.clear()
        self.plans.clear(weighted_from(self.settings.default_plan))
        self.shares.clear()
        self.desk.cases.clear()
        self.applications.clear()
        self.publisher.forget()
        self.otps.clear()
        self.kyc_tokens.clear()
        self.issuer.sign_with(self.keys["credential-issuer"])
        self.esignet.sessions.clear()
        fresh = self._known_people()
        self.people.persons, self.people.vids = fresh.persons, fresh.vids
        self.people.by_registration, self.people.by_handle = fresh.by_registration, fresh.by_handle
        self.state.changed()


def _certificate(setting: str, path: Path | None, default: x509.Certificate) -> x509.Certificate:
    try:
        return certificate(path.read_bytes()) if path is not None else default
    except (OSError, KeyUnusable) as wrong:
        raise SettingRefused(f"setting MOCK_NID_{setting}: {path}: {wrong}") from None
