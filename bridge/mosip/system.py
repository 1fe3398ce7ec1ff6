"""MOSIP behind the port: packets and identities, the hub's deliveries, ID authentication and eSignet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime

from aiohttp import web

from bridge.channels import Channels
from bridge.country.folder import ID_SCHEMA, schema_of
from bridge.country.people import PersonAsked, PersonVerdict
from bridge.mosip import production_checks
from bridge.mosip.callback import Callback
from bridge.mosip.certificates import Certificates
from bridge.mosip.client import MosipClient
from bridge.mosip.contexts import pinned
from bridge.mosip.credential import Opener
from bridge.mosip.deliveries import Deliveries
from bridge.mosip.esignet import ESignetClient, client_key
from bridge.mosip.people import PeopleApi
from bridge.mosip.preregistration import PreRegistration
from bridge.mosip.settings import SCHEMA_VERSIONS
from bridge.mosip.subscription import Subscriptions
from bridge.mosip.verification import Verification
from bridge.nid import Answer, IdSystem, Inbox, NotYet
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import PacketContent, RecordFile, Registration
from bridge.settings import Settings
from bridge.starting import CannotStart
from bridge.store.store import Store
from wire.world import World


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
        self._certificates, contexts, key = Certificates(settings), pinned(settings), client_key(settings)
        production_checks.refuse_copies(settings, self._certificates.held)
        self.client = MosipClient(settings, world)
        self._applications = PreRegistration(settings, world, self.client.peer)
        self._deliveries = Deliveries(
            settings, self.client, Opener(settings, world, self.client.peer, contexts)
        )
        self.subscriptions = Subscriptions(settings, world, store, self.client.hub, channels)
        self._verification = Verification(settings, world, channels)
        self._esignet = ESignetClient(settings, world, channels, key)

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

    def new_packet_id(self) -> str:
        return self.client.new_packet_id()

    async def submit(
        self, registration: Registration, packet: PacketContent, created: Callable[[], Awaitable[None]]
    ) -> None:
        await self.client.submit(registration, packet, created)

    async def apply(self, packet: PacketContent) -> str:
        return await self._applications.apply(packet.fields)

    async def attach(self, application: str, file: RecordFile, content: bytes) -> None:
        await self._applications.attach(application, file, content)

    async def ask_now(self, registration: Registration, packet: PacketContent) -> Answer:
        return await self.client.ask_now(registration, packet)

    async def standing(self, packet_ids: Sequence[str]) -> Mapping[str, Answer | NotYet]:
        return await self.client.standing(packet_ids)

    async def open(self, registration: Registration, body: bytes) -> Answer | NotYet:
        return await self._deliveries.open(registration, body)

    async def why(self, packet_id: str) -> str | None:
        return await self.client.why(packet_id)

    async def recover(self, packet_id: str) -> str | None:
        return await self.client.recover(packet_id)

    async def verify(self, person: PersonAsked) -> PersonVerdict:
        return await self._verification.verify(person)

    async def acknowledge(self, receipt: str) -> None:
        await self.client.acknowledge(receipt)

    @property
    def certificates(self) -> Mapping[str, datetime]:
        return self._certificates.ends()

    @property
    def listening(self) -> Mapping[str, bool]:
        return self.subscriptions.standing

    async def stop(self) -> None:
        await self.subscriptions.close()

    async def close(self) -> None:
        for peer in (self.client, self._verification, self._esignet):
            await peer.close()
