"""A foreign ID system, as far as it can be seen on the line: what a stage asks of one, without its mind.

It has packets, an own journal and people like the mock, drawn from what passed through the proxy. What only
its owner could do (plans, faults, deliveries by order) raises NotInOurHands; stories that need it are not
played.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from bridge import registration as bridge_registration
from bridge.calls.peer import Peer
from bridge.mosip.certificates import Keys
from bridge.mosip.contexts import pinned
from bridge.mosip.credential import Opener
from bridge.mosip.settings import IdSystemSettings
from bridge.nid import NidDown, NotBelieved
from bridge.settings import Settings
from mock_nid.identities.people import Identities, Person, Vid
from mock_nid.packets.registrations import PacketRegistration, StoredPacket
from mock_nid.packets.stages import PacketStatus
from scenarios.foreign.conduct import Conduct, OpenedCredential, taken_packets
from scenarios.foreign.recording_proxy import RecordingProxy
from testbed.faults import Faults
from testbed.journal import Journal
from wire.mosip import packets
from wire.mosip.events import read_credential_issued
from wire.mosip.fields import FieldBroken
from wire.world import World

SERVICES = {
    "auth.token": "mosip_auth_url",
    "packet.create": "create_packet_url",
    "packet.process": "process_packet_url",
    "status.external": "status_url",
    "transactions": "transaction_url",
    "identity.read": "identity_url",
    "vid.list": "vid_url",
    "uin.generate": "uin_url",
    "hub.subscribe": "hub_url",
    "well-known.public-key": "well_known_url",
}
"""What the proxy watches: operation, and the bridge's setting that holds its address."""

_IN_REAL_TIME = {"retry_first_seconds": 0.5, "retry_longest_seconds": 5.0}
"""Our bridge tries again sooner: what is minutes of a virtual clock would be minutes of somebody's life."""

_ENDS = frozenset({"issued", "processed", "refused"})


class NotInOurHands(Exception):
    """Only the owner of the ID system can do this."""


class ForeignNid:
    """The side of the ID system for one story. `settings` are the bridge's, with the true addresses."""

    def __init__(self, settings: Settings, proxy: RecordingProxy, world: World) -> None:
        self.settings, self.proxy, self._world = settings, proxy, world
        self.url = settings.mosip_url
        self.faults = Faults(world, {})
        self._numbers: dict[str, str] = {}
        self._opened: list[OpenedCredential] = []

    @property
    def journal(self) -> Journal:
        return self.proxy.journal

    @property
    def plans(self) -> NoReturn:
        raise NotInOurHands("a foreign ID system takes no plans")

    processor = subscriptions = parts = plans

    async def close(self) -> None:
        """It goes on without us."""

    def bridge_values(self, callback: str) -> dict[str, Any]:
        """The bridge's settings for this ID system: its own, with the proxy in between."""
        own = {name: getattr(self.settings, name) for name in IdSystemSettings.model_fields}
        watched = {setting: self.proxy.address(operation) for operation, setting in SERVICES.items()}
        return own | watched | _IN_REAL_TIME | {"callback_url": callback}

    @property
    def registrations(self) -> list[PacketRegistration]:
        """The packets that the ID system took, oldest first, with the number that was issued for each."""
        started = taken_packets(self.proxy.calls)
        found = {}
        for call in self.proxy.calls:
            if call.operation == "packet.create" and call.record in started and call.record not in found:
                found[call.record] = self._registration(json.loads(call.request))
        return list(found.values())

    def _registration(self, body: Any) -> PacketRegistration:
        sent = packets.read_packet(body)
        packet = StoredPacket(
            sent.id,
            sent.source,
            sent.process,
            sent.schema_version or "",
            sent.fields,
            sent.meta_info,
            self._world.timestamp(),
        )
        ended = sent.id in self.ended()
        status = PacketStatus.PROCESSED if ended else PacketStatus.PROCESSING
        return replace(PacketRegistration(packet, status=status), vid=self._numbers.get(sent.id))

    @property
    def people(self) -> Identities:
        """The identities that were made at once in the ID repository, without a packet."""
        people = Identities()
        for call in self.proxy.calls:
            if call.operation == "identity.create" and call.status == 200:
                asked = json.loads(call.request)["request"]
                identity = asked["identity"]
                people.add(
                    Person(str(identity["UIN"]), identity, registration_ids=(asked["registrationId"],))
                )
        for record, numbers in self._read_numbers().items():
            if (person := people.of_registration(record)) is not None:
                people.add(person, [Vid(number, person.uin) for number in numbers - {person.uin}])
        return people

    def _read_numbers(self) -> Mapping[str, set[str]]:
        """The numbers that the ID repository told when the bridge asked for a packet's identity."""
        found: dict[str, set[str]] = defaultdict(set)
        owner: dict[str, str] = {}
        for call in self.proxy.calls:
            last = call.path.rstrip("/").rpartition("/")[2]
            if call.operation == "identity.read" and "/idvid/" in call.path:
                uins = _numbers_in(call.answer, "UIN")
                found[last] |= uins
                owner.update(dict.fromkeys(uins, last))
            elif call.operation == "vid.list" and last in owner:
                found[owner[last]] |= _numbers_in(call.answer, "vid")
        return found

    def ended(self) -> frozenset[str]:
        """The packets whose end the ID system told."""
        return frozenset(fact.said.packet for fact in self.journal.facts if fact.said.word in _ENDS)

    async def examine(self) -> None:
        """Open every credential that came, as a strict bridge would; known afterwards: `conduct`, numbers."""
        self._opened.clear()
        peer = Peer("ID system", self.settings, self._world, NidDown)
        opener = Opener(self.settings, self._world, peer, pinned(self.settings), Keys(self.settings))
        try:
            for record, numbers in self._read_numbers().items():
                self._numbers[record] = next(iter(sorted(numbers, key=len, reverse=True)), "")
            for one in self.proxy.deliveries:
                await self._open(opener, one.body)
        finally:
            await peer.close()

    async def _open(self, opener: Opener, body: bytes) -> None:
        try:
            message = json.loads(body)
            if not isinstance(message, dict) or "event" not in message:
                return
            event = read_credential_issued(message)
        except (ValueError, RecursionError, FieldBroken) as broken:
            self._opened.append(OpenedCredential("", f"the delivery cannot be read ({broken})"))
            return
        if event.credential is None:
            return
        asked = next((one for one in self.registrations if one.id == event.registration_id), None)
        if asked is None:
            return  # a credential of somebody else's packet: the topic tells of every packet of the partner
        try:
            number = await opener.open(event, event.credential, self._expected(asked))
            self._opened.append(OpenedCredential(asked.id, None))
            self._numbers[asked.id] = number or ""
        except NotBelieved as refused:
            self._opened.append(OpenedCredential(asked.id, str(refused)))
        except NidDown as down:
            self._opened.append(OpenedCredential(asked.id, f"it cannot be checked: {down}"))

    def _expected(self, asked: PacketRegistration) -> bridge_registration.Registration:
        """The registration that the credential must be about, in the bridge's terms."""
        now = self._world.clock.now()
        return bridge_registration.Registration(
            id=asked.id,
            event_id="",
            action_id="",
            event_type="birth",
            action_type="REGISTER",
            tracking_id="",
            number=asked.packet.certificate_number or "",
            packet_id=asked.id,
            process=asked.packet.process,
            state=bridge_registration.State.SUBMITTED,
            received_at=now,
            updated_at=now,
        )

    def conduct(self) -> Conduct:
        """What passed, for the judge; call `examine` before."""
        return Conduct(
            tuple(self.proxy.calls),
            tuple(self.proxy.deliveries),
            tuple(self._opened),
            self.ended(),
            self.settings.hub_secret.get_secret_value(),
            self.settings.allow_unsigned,
        )


def _numbers_in(answer: bytes, key: str) -> set[str]:
    """Every text under this key, at any depth and in any case."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            for name, item in value.items():
                if name.lower() == key.lower() and isinstance(item, str):
                    yield item
                else:
                    yield from walk(item)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)

    try:
        return set(walk(json.loads(answer)))
    except (ValueError, RecursionError):
        return set()
