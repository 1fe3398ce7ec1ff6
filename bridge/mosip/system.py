"""MOSIP behind the port: its packets (contract mosip §2, §3) here, and who does the rest.

Every failure inside an HTTP 200 is seen: errors arrays, a null response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from aiohttp import web
from pydantic import SecretStr

from bridge.calls.channels import Channels
from bridge.calls.failure import Failure, FailureKind
from bridge.calls.peer import Peer
from bridge.country.folder import ID_SCHEMA, schema_of
from bridge.country.people import PersonAsked, PersonVerdict
from bridge.mosip import production_checks
from bridge.mosip.answers import NO_CODE, content_of, envelope_of
from bridge.mosip.callback import Callback
from bridge.mosip.certificates import Keys
from bridge.mosip.contexts import pinned
from bridge.mosip.credential import Opener
from bridge.mosip.deliveries import Deliveries
from bridge.mosip.esignet import ESignetClient
from bridge.mosip.identities import Identities
from bridge.mosip.login import Login
from bridge.mosip.people import PeopleApi
from bridge.mosip.preregistration import PreRegistration
from bridge.mosip.settings import SCHEMA_VERSIONS
from bridge.mosip.subscription import Subscriptions
from bridge.mosip.verification import Verification
from bridge.nid import Answer, Done, IdSystem, Inbox, NidDown, NidRefused, No, NotYet
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import PacketContent, RecordFile, Registration
from bridge.settings import Settings
from bridge.starting import CannotStart
from bridge.store.store import Store
from wire.mosip import envelope, packets, workflow
from wire.world import World

_FAILED = ("REREGISTER", "RESEND", "REPROCESS_FAILED")


class Mosip(IdSystem):
    """BRIDGE_ID_SYSTEM=mosip."""

    def __init__(self, settings: Settings, world: World, store: Store, channels: Channels) -> None:
        production_checks.complete(settings)
        production_checks.refuse(settings)
        production_checks.warn(settings)
        super().__init__(settings, world, store, channels)
        if settings.schema_version not in SCHEMA_VERSIONS and schema_of(settings.country) is None:
            raise CannotStart(
                f"setting MOSIP_SCHEMA_VERSION: the ID schema that packets bring is known as "
                f"{', '.join(SCHEMA_VERSIONS)}, not as {settings.schema_version!r}; another one is "
                f"{ID_SCHEMA} in the folder of BRIDGE_COUNTRY"
            )
        # files come first: one that cannot be read leaves no session open
        keys = Keys(settings)
        self._certificates, contexts, client = keys.certificates, pinned(settings), keys.client
        production_checks.refuse_copies(settings, self._certificates)
        connections = max(32, settings.concurrency * 2)
        self.peer = peer = Peer("MOSIP", settings, world, NidDown, connections=connections)
        self._login = self._logged_in(settings.packet_client_id, settings.packet_client_secret)
        hub_login = self._logged_in(settings.websub_client_id, settings.websub_client_secret)
        self._identities = Identities(settings, world, self._login)
        self._applications = PreRegistration(settings, world, peer)
        self._deliveries = Deliveries(
            settings, world, hub_login, Opener(settings, world, peer, contexts, keys)
        )
        self.subscriptions = Subscriptions(settings, world, store.subscriptions, hub_login, channels)
        self._verification = Verification(settings, world, channels, keys)
        self._esignet = ESignetClient(settings, world, channels, client)

    def routes(self, answers: Inbox, tokens: TokenChecker) -> Iterable[web.RouteDef]:
        callback = Callback(self._deliveries, self.subscriptions, answers, self._world)
        people = PeopleApi(self._verification, self._esignet, tokens, self._world)
        return (
            # the first that fits is found first: deliveries are the most
            web.post("/websub/callback/{key}", callback.on_delivery),
            web.post("/websub/callback", callback.on_delivery),
            web.get("/websub/callback/{key}", callback.on_intent),
            web.get("/websub/callback", callback.on_intent),
            web.post("/verify", people.on_verify),
            web.post("/esignet/get-oidp-user-info", people.on_user_info),
        )

    def start(self, address: str) -> None:
        self.subscriptions.start(self._settings.callback_url or f"{address}/websub/callback")

    def _logged_in(self, client: str, secret: SecretStr) -> Login:
        url, app = self._settings.mosip_auth_url, self._settings.mosip_app_id
        return Login(self.peer, self._world, url, app, client, secret.get_secret_value())

    def new_packet_id(self) -> str:
        """29 digits, centre and machine first; the other 19 are drawn, so that nobody can guess
        them (§7.4).
        """
        settings, chance = self._settings, self._world.chance
        if settings.packet_id_style == "prefix":
            return settings.transaction_id_prefix + chance.digits(10)
        return f"{settings.center_id:0>5}{settings.machine_id:0>5}{chance.digits(19)}"

    async def submit(
        self, registration: Registration, packet: PacketContent, created: Callable[[], Awaitable[None]]
    ) -> None:
        """As IdSystem.submit."""
        # a crash between the two calls creates the packet again: it is overwritten, and nothing runs before
        # the workflow instance, of which there can be only one
        if registration.step != "created":
            await self._create(registration, packet)
        try:
            await self._process(registration, packet)
        except (NidDown, NidRefused):
            await created()
            raise

    async def _create(self, registration: Registration, packet: PacketContent) -> None:
        settings, now = self._settings, self._world.clock.now()
        packet = await self._identities.with_uins(packet)
        body = packets.create_packet(
            packet_id=registration.packet_id,
            process=registration.process,
            fields=packet.fields,
            now=now,
            audits=packet.audits or [packets.make_audit(registration.packet_id, now, registration.id)],
            meta_info=packet.meta_info or None,
            source=settings.packet_source,
            schema_version=settings.schema_version,
            schema_json=packet.schema_json or schema_of(settings.country),
            centre=settings.center_id,
            machine=settings.machine_id,
            officer=settings.officer_id,
        )
        answer = await self._login.call("PUT", settings.create_packet_url, content=body)
        content = content_of(answer, "createPacket")
        if not packets.created(content):
            # packet manager logs most of its own exceptions and answers 200 with a null response (§2.4)
            raise NidDown("createPacket: HTTP 200 without a packet (the ID system swallowed an error)")

    async def _process(self, registration: Registration, packet: PacketContent) -> None:
        notification = packet.notification
        body = workflow.workflow_instance(
            packet_id=registration.packet_id,
            process=registration.process,
            now=self._world.clock.now(),
            source=self._settings.packet_source,
            name=notification.get("name", ""),
            phone=notification.get("phone", ""),
            email=notification.get("email", ""),
        )
        answer = await self._login.call("POST", self._settings.process_packet_url, content=body)
        content = content_of(answer, "workflowinstance", done=frozenset({workflow.ALREADY_PRESENT.code}))
        if content is not None and workflow.instance_id(content) is None:
            raise NidDown("workflowinstance: HTTP 200 without a workflow instance")

    async def standing(self, packet_ids: Sequence[str]) -> dict[str, Answer | NotYet]:
        """By external status (§3.3); nothing where polling is off."""
        if not self._settings.status_url:
            return {}
        body = envelope.request_envelope(
            [{"registrationId": packet_id} for packet_id in packet_ids],
            now=self._world.clock.now(),
            id="mosip.registration.external.status",
            version="1.0",
        )
        answer = await self._login.call("POST", self._settings.status_url, content=body)
        content = envelope_of(answer, "externalstatus")
        found: dict[str, Answer | NotYet] = dict.fromkeys(packet_ids, NotYet("ID system: RID Not Found"))
        items = content.get("response")
        if not isinstance(items, list):
            faults = envelope.errors_of(content)
            if faults and all(fault.registration_id for fault in faults):
                return found
            said, code = (faults[0], faults[0].code or NO_CODE) if faults else ("no response", "")
            raise NidDown(Failure(FailureKind.TRANSIENT, f"externalstatus: {said}", code))
        for item in items:
            if isinstance(item, Mapping) and item.get("registrationId") in found:
                code = str(item.get("statusCode"))
                found[item["registrationId"]] = _standing(code)
        return found

    async def why(self, packet_id: str) -> str | None:
        """The sub-status code of a failed packet (§3.4)."""
        if not self._settings.transaction_url:
            return None
        answer = await self._login.call(
            "GET", f"{self._settings.transaction_url.rstrip('/')}/{quote(packet_id)}"
        )
        try:
            items = envelope.parse_body(answer.body).get("response")
        except envelope.EnvelopeBroken:
            return None
        if answer.status != 200 or not isinstance(items, list):
            return None
        codes = [str(item.get("subStatusCode")) for item in items if isinstance(item, Mapping)]
        return next((code for code in reversed(codes) if "FAILED" in code), None)

    async def apply(self, packet: PacketContent) -> str:
        return await self._applications.apply(packet.fields)

    async def attach(self, application: str, file: RecordFile, content: bytes) -> None:
        await self._applications.attach(application, file, content)

    async def ask_now(self, registration: Registration, packet: PacketContent) -> Answer:
        return await self._identities.ask_now(registration, packet)

    async def open(self, registration: Registration, body: bytes) -> Answer | NotYet:
        return await self._deliveries.open(registration, body)

    async def recover(self, packet_id: str) -> str | None:
        return await self._identities.recover(packet_id)

    async def verify(self, person: PersonAsked) -> PersonVerdict:
        return await self._verification.verify(person)

    async def acknowledge(self, receipt: str) -> None:
        await self._deliveries.acknowledge(receipt)

    @property
    def certificates(self) -> Mapping[str, datetime]:
        return {
            setting: min(each.not_valid_after_utc for each in several)
            for setting, several in self._certificates.items()
            if several
        }

    @property
    def listening(self) -> Mapping[str, bool]:
        return self.subscriptions.standing

    async def stop(self) -> None:
        await self.subscriptions.close()

    async def close(self) -> None:
        for peer in (self.peer, self._verification.peer, self._esignet.peer):
            await peer.close()


def _standing(status: str) -> Answer | NotYet:
    """What an external status means."""
    said = f"ID system: {status}"
    if status == "UIN_GENERATED":
        return Done()
    if status == "REJECTED" or status in _FAILED:
        return No("PACKET_REJECTED" if status == "REJECTED" else "PACKET_FAILED", said)
    return NotYet(said)
