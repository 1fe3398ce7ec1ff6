"""The ID system as a story directs it: what it will do with the next packets, and what it has done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from mock_nid.identities.people import Person
from mock_nid.packets.plans import Plan, PlannedOutcome, plan_from
from mock_nid.packets.registrations import PacketRegistration
from mock_nid.processing.lifetimes import DEATH
from mock_nid.processing.manual_verification import Case, IdentityChange
from mock_opencrvs.families import Family, spoken_name
from scenarios.judging.evidence import same_name
from scenarios.stage import servers
from scenarios.stage.actors.breakable import Breakable
from scenarios.stage.pace import spoken, squeezed
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet
from testbed.faults import FaultKind
from testbed.names import language_of
from wire.mosip import hub, topics
from wire.mosip.events import ResultCode
from wire.mosip.languages import language_values

_QUESTIONS = ("status.search", "identity", "vid")

_WORDS = {
    PlannedOutcome.ISSUE: "will issue an identity",
    PlannedOutcome.REJECT: "will reject the packet",
    PlannedOutcome.FAIL: "will fail the packet",
    PlannedOutcome.STALL: "will never answer",
    PlannedOutcome.PAUSE: "will pause the packet",
}


class IdSystemActor(Breakable):
    """Plans are taken by the next packets, one each; `always` changes what happens to the rest."""

    def __init__(self, timeline: Timeline, running: servers.IdSystemServer, squeeze: bool = False) -> None:
        super().__init__(timeline, Actor.NID, running.faults)
        self._running = running
        self._squeeze = squeeze

    def will(self, outcome: PlannedOutcome | str = PlannedOutcome.ISSUE, **how: Any) -> Plan:
        """What it does with the next packet: `after` (a timedelta), `reason`, `copies`, `lost`, `hold`, …"""
        plan = self._plan(outcome, how)
        self._running.plans.enqueue(plan)
        self._timeline.says(Actor.NID, f"{in_words(plan)} (next packet)")
        return plan

    def will_quietly(self, outcome: PlannedOutcome | str = PlannedOutcome.ISSUE, **how: Any) -> None:
        """As `will`, without a word: for stories with very many packets."""
        self._running.plans.enqueue(self._plan(outcome, how))

    def always(self, outcome: PlannedOutcome | str = PlannedOutcome.ISSUE, **how: Any) -> Plan:
        plan = self._plan(outcome, how)
        self._running.plans.set_default(plan)
        self._timeline.says(Actor.NID, in_words(plan))
        return plan

    def _plan(self, outcome: PlannedOutcome | str, how: dict[str, Any]) -> Plan:
        values: dict[str, Any] = {
            name: (squeezed(value) if self._squeeze else value).total_seconds()
            if isinstance(value, timedelta)
            else value
            for name, value in how.items()
        }
        return plan_from({"outcome": outcome, **values})

    async def delivers_again(self, registration: PacketRegistration, *, fresh: bool = False) -> None:
        """The credential event once more: the same one, or (`fresh`) one with a new event id."""
        kind = "again, as a new event" if fresh else "again"
        self._timeline.says(Actor.NID, f"delivers the credential {kind}")
        self._running.processor.redeliver(registration.id, forge=None, fresh=fresh)

    async def decides(
        self, registration: PacketRegistration, outcome: PlannedOutcome | str, **how: Any
    ) -> None:
        """Bring a packet that waits or is under way to its end now."""
        plan = self._plan(outcome, how)
        self._timeline.says(Actor.NID, f"decides: {in_words(plan).removeprefix('will ')}")
        await self._running.processor.settle(registration.id, plan)

    def publishes_completed(self, registration: PacketRegistration, result: str) -> None:
        """The workflow event that a packet has ended, whatever it said before."""
        self._timeline.says(Actor.NID, f"says of the packet: {result}")
        self._running.parts.publisher.completed(registration, cast(ResultCode, result))

    def is_asked(self, wish: str, number: str, reason: str) -> Case:
        """What the civil registry asks the desk of manual verification about the holder of a UIN or VID."""
        self._timeline.says(Actor.NID, f"takes a request for manual verification: {wish} ({reason})")
        return self._running.parts.desk.ask(IdentityChange(wish), number, reason)

    def verifies(self, case: Case, *, approve: bool = True) -> None:
        """What the person at that desk decides; the civil registry is not told."""
        self._timeline.says(Actor.NID, f"{'approves' if approve else 'rejects'}: {case.wish}")
        self._running.parts.desk.decide(case.number, approve=approve)

    def knows(self, family: Family, *who: str, **changes: Any) -> None:
        """People of a family whom it knows, as the family says; `changes` of them, e.g. `status`."""
        for one in who:
            told = family.declaration
            language = language_of(self._running.parts.settings.locale)
            number = str(told[f"{one}.nid"])
            identity = {
                "UIN": number,
                "fullName": language_values(spoken_name(told[f"{one}.name"]), language),
                "dateOfBirth": str(told[f"{one}.dob"]).replace("-", "/"),
            }
            person = Person(number, identity, handles=(f"{number}@nin",), **changes)
            self._running.people.add(person)

    def knows_relatives(self, family: Family) -> None:
        """Everybody in a record but the one whom it is about."""
        relatives = ("mother", "father", "informant", "spouse")
        self.knows(family, *(one for one in relatives if family.declaration.get(f"{one}.nid")))

    def stops_authenticating(self) -> None:
        """ID authentication alone is away; the rest of the ID system works."""
        self.breaks("ida", "reset", count=None)

    def was_asked_about_people(self) -> bool:
        """Whether anybody has asked its ID authentication, and whatever came of it."""
        return any(one.operation.startswith("ida") for one in self._running.journal)

    def was_asked_for_applications(self) -> bool:
        """Whether anybody has come to its pre-registration, and whatever came of it."""
        return any(one.operation.startswith("application") for one in self._running.journal)

    def applications_for(self, number: str | None) -> int:
        """How many pre-registration applications there are under a registration number."""
        made = self._running.parts.applications.values()
        told = (one.details.get("identity", {}).get("birthCertificateNumber") for one in made)
        return sum(one == number for one in told)

    def documents_for(self, number: str | None) -> list[str]:
        """Categories of the documents that came with the application under a registration number."""
        made = self._running.parts.applications.values()
        return [
            document.category
            for one in made
            if one.details.get("identity", {}).get("birthCertificateNumber") == number
            for document in one.documents
        ]

    def verdicts_on(self, family: Family, who: str) -> int:
        """How often it has said of somebody in a family whether it is that person."""
        number = str(family.declaration[f"{who}.nid"]).lower()
        return sum(one.said.packet == number for one in self._running.journal.facts)

    def status_of(self, number: str) -> str:
        """ACTIVATED, DEACTIVATED, or DECEASED where a death is noted."""
        person = self._running.people.anyone(number)
        if person is None:
            raise Unmet("nobody has this number")
        return "DECEASED" if any(person.identity.get(name) for name in DEATH) else person.status

    def changes_signing_key(self) -> None:
        """From now on credentials are proved with the issuer's next key, which is published."""
        self._timeline.says(Actor.NID, "signs credentials with a new key from now on")
        parts = self._running.parts
        parts.issuer.sign_with(parts.keys["credential-issuer-next"])

    def takes_new_certificate(self) -> None:
        """From now on credentials are sealed for the certificate to which the partner has renewed its own."""
        self._timeline.says(Actor.NID, "seals for the partner's new certificate from now on")
        parts = self._running.parts
        parts.issuer.trust(parts.keys["partner-next"].certificate)

    @property
    def next_partner_file(self) -> Path:
        """The P12 file of the key that belongs to the partner's new certificate."""
        return self._running.parts.keys["partner-next"].p12_path

    def sent(self, registration: PacketRegistration) -> tuple[bytes, str] | None:
        """The bytes and the signature of the last credential that the hub sent for this packet."""
        parts = self._running.parts
        message = parts.publisher.last(registration)
        if message is None:
            return None
        body = message.body(reserialise=parts.settings.quirks.hub_reserialise)
        secrets = [one.secret for one in parts.subscriptions.listeners(message.topic) if one.secret]
        return body, hub.signature(secrets[0], body) if secrets else ""

    def tried(self, registration: PacketRegistration) -> bool:
        """Whether the hub has sent, or left out, the credential of this packet."""
        facts = self._running.journal.facts
        return any(one.said.packet == registration.id and one.said.word == "issued" for one in facts)

    def skipped(self, registration: PacketRegistration) -> bool:
        """Whether the hub left out a message about this packet, because one of the same batch had failed."""
        return any(one.note.startswith("skipped") for one in self._running.journal.about(registration.id))

    def denies_subscriptions(self, reason: str, times: int) -> None:
        """The hub answers 200 with the word `denied` in the body, as MOSIP's does (contract mosip §4.2)."""
        self.breaks("hub.subscribe", "status", status=200, body=hub.denied(reason), count=times)

    def answers_no_question(self) -> None:
        """Status and identities are not told from now on: what a bridge knows it has from messages."""
        for seam in _QUESTIONS:
            self.breaks(seam, "status", status=503, count=None)

    def answers_questions(self) -> None:
        """The end of `answers_no_question`."""
        for seam in _QUESTIONS:
            self.mends(seam)

    def ends_tokens(self) -> None:
        """Every token that was given is worthless from now on: its Keycloak was restarted with new keys."""
        self._timeline.says(Actor.NID, "takes no token any more that was given before")
        self._running.parts.iam.rotate()

    def tells_of_others(self, result: str) -> str:
        """The workflow event of a packet that is nobody's here; its id, empty when nobody listens."""
        packet = self._timeline.world.chance.digits(29)
        self._timeline.says(Actor.NID, f"tells of somebody else's packet: {result}")
        return packet if self._running.parts.publisher.of_others(packet, cast(ResultCode, result)) else ""

    def answers_about(self, packet: str) -> list[int | None]:
        """What the subscribers answered to the messages about a packet."""
        journal = self._running.journal
        return [one.status for one in journal.about(packet) if one.operation == "hub.deliver"]

    def forgets_subscriptions(self) -> None:
        self._timeline.says(Actor.NID, "forgets all subscriptions at its hub")
        self._running.parts.queues.drop_all()

    def has_subscribers(self) -> bool:
        """Whether somebody is subscribed at the hub now."""
        return bool(self._running.subscriptions.subscriptions)

    def credential_topic(self) -> str | None:
        """The topic of credentials that somebody is subscribed to now, as the subscriber named it."""
        named = (one.topic for one in self._running.subscriptions.subscriptions.values())
        return next((topic for topic in named if topic.endswith(topics.CREDENTIAL_ISSUED)), None)

    def knocks(self) -> int:
        """How many calls came in since the start."""
        return sum(exchange.direction == "in" for exchange in self._running.journal)

    def takes_at_most(self, rate: int) -> None:
        """Answer 429 to packets, and to their starts, beyond so many in a second."""
        for seam in ("packet.create", "packet.process"):
            self.breaks(seam, FaultKind.GATEWAY, status=429, seconds=1, count=None, rate=rate)

    def turned_away(self) -> int:
        """How many calls were answered 429 for that."""
        return sum(struck for _, fault, struck in self._faults.listed() if fault.rate is not None)

    @property
    def registrations(self) -> list[PacketRegistration]:
        """Every packet whose workflow was started, oldest first."""
        return list(self._running.registrations)

    def packets_of(self, name: str) -> list[PacketRegistration]:
        """The packets that ask for this person."""
        wanted = same_name(name)
        return [one for one in self.registrations if same_name(one.packet.name) == wanted]


def in_words(plan: Plan) -> str:
    """What the ID system will do by a plan."""
    words = [_WORDS[plan.outcome]]
    if plan.after:
        words.append(f"after {_span(plan.after)}")
    if plan.delay is not None:
        words.append(f"after {plan.delay} seconds")
    if plan.reason or plan.code:
        words.append(f"({plan.reason or plan.code})")
    if plan.copies > 1:
        apart = f", {_span(plan.gap)} apart" if plan.gap else ""
        words.append(f"and say so {plan.copies} times{apart}")
    if plan.hold:
        words.append(f"and hold its message back for {_span(plan.hold)}")
    if plan.lost:
        words.append("and its message will be lost")
    if plan.forge:
        words.append(f"and the delivery will be wrong: {plan.forge.value}")
    return " ".join(words)


def _span(seconds: float) -> str:
    return spoken(timedelta(seconds=float(seconds)))
