"""What is done to a person: birth, update, deactivation (contract mosip §7, §8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import Identities, Person, handles_of
from mock_nid.packets.checks import age_in_years, date_of, identity_of
from mock_nid.packets.registrations import PacketRegistration
from mock_nid.processing.publisher import Publisher
from mock_nid.settings import Settings
from testbed.faults import FaultKind
from wire.mosip import topics
from wire.world import World

DEATH = ("dateOfDeath", "deathDeclared", "deceasedStatus")
UPDATED = ("fullName", "gender", "dateOfBirth", *DEATH, "addressLine1")


class Lifetimes:
    """Changes people, and has the hub tell the authentication partners."""

    def __init__(
        self, people: Identities, numbers: Numbers, settings: Settings, publisher: Publisher, world: World
    ) -> None:
        self._people, self._numbers = people, numbers
        self._settings, self._publisher, self._world = settings, publisher, world

    def born(self, registration: PacketRegistration, identity: dict[str, Any]) -> PacketRegistration:
        """A new person with UIN and VID; once only, however often the stage runs."""
        if registration.vid is not None:
            return registration
        uin = self._numbers.uin()
        forge = registration.plan.forge if registration.plan else None
        status = "DEACTIVATED" if forge is FaultKind.INACTIVE_VID else "ACTIVE"
        vid = self._numbers.vid(uin, status=status)
        known = {**identity, "UIN": uin}
        handles = handles_of(known, self._settings.handles)
        person = Person(uin, known, registration_ids=(registration.id,), handles=handles)
        self._people.add(person, [vid])
        return registration.numbered(uin, vid.vid, self._numbers.pin())

    def unknown(self, registration: PacketRegistration) -> PacketRegistration:
        """A packet about nobody that no check stopped: its credential has a pin all the same."""
        return replace(registration, pin=registration.pin or self._numbers.pin())

    def updated(self, registration: PacketRegistration, person: Person) -> PacketRegistration:
        """Write a death's or an update's fields; the UIN becomes ACTIVATED, even a deactivated one (§8)."""
        fields = registration.packet.fields
        changes = {name: fields[name] for name in UPDATED if fields.get(name)}
        parsed = identity_of(registration.packet)
        identity = {**person.identity, **{name: parsed[name] for name in changes}}
        ids = (*person.registration_ids, registration.id)
        self._people.add(replace(person, identity=identity, status="ACTIVATED", registration_ids=ids))
        if registration.vid is not None:
            return registration
        active = [vid.vid for vid in self._people.vids_of(person.uin) if vid.status == "ACTIVE"]
        if not active:
            made = self._numbers.vid(person.uin)
            self._people.vids[made.vid] = made
            active = [made.vid]
        return registration.numbered(person.uin, active[0], self._numbers.pin())

    def is_infant(self, person: Person) -> bool:
        """Whether the person was registered by a birth, and is younger than who comes by another way."""
        born = date_of(person.text("dateOfBirth") or "")
        today = self._world.clock.now().date()
        young = born is not None and age_in_years(born, today) < self._settings.infant_years
        return young and bool(person.registration_ids)

    def lives(self, uin: str) -> None:
        """Take the mark of death away."""
        identity = self._people.persons[uin].identity
        kept = {name: value for name, value in identity.items() if name not in DEATH}
        self._people.change(uin, identity=kept, status="ACTIVATED")

    def set_status(self, uin: str, status: str, transaction: str) -> None:
        """ACTIVATED, BLOCKED or DEACTIVATED; the partner hears of it when it is to (§8.3)."""
        person = self._people.persons[uin]
        if person.status == status:
            return
        self._people.change(uin, status=status)
        if not self._settings.identity_events:
            return
        topic = {"DEACTIVATED": topics.DEACTIVATE_ID, "BLOCKED": topics.REMOVE_ID}.get(status)
        if topic is None:
            return
        numbers = [uin, *(vid.vid for vid in self._people.vids_of(uin) if vid.status == "ACTIVE")]
        for number in numbers:
            self._publisher.identity_event(topic, number, transaction)
