"""From what the servers hold to what the judge reads. Pure: documents, exchanges, rows in; evidence out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from mock_nid.identities.people import Identities
from mock_nid.packets.registrations import PacketRegistration
from mock_opencrvs.families import SUBJECTS, spoken_name, subject_of
from scenarios.judging.evidence import (
    Forgery,
    Identity,
    JudgedRecord,
    Question,
    RecordedAction,
    Secret,
    SentDelivery,
)
from testbed.facts import Fact
from testbed.journal import Exchange
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import parse_timestamp

_PRIVATE_FIELD = re.compile(r"\.(nid|passport|brn)$")

_SPOKEN = {"issued": "credential issued", "refused": "rejected"}

Correction = Callable[[datetime], datetime]
"""From what a party's clock showed to when it truly was: the judge compares instants of different parties."""


def _as_shown(instant: datetime) -> datetime:
    return instant


def record_of(document: EventDocument, profile: Profile, corrected: Correction = _as_shown) -> JudgedRecord:
    """An event document as the judge compares it; neither birth nor death, it may be about anybody in it."""
    kind, values = document["type"], state.declaration(document, profile=profile)
    declared = [item for action in document["actions"] for item in (action.get("declaration") or {}).items()]
    subject = subject_of(kind, dict(declared))
    ending = f"{subject}.name" if kind in SUBJECTS else ".name"
    names = (value for name, value in declared if name.endswith(ending))
    printed = values.get("child.nid") if subject == "child" else None
    return JudgedRecord(
        event_id=document["id"],
        tracking_id=document["trackingId"],
        type=kind,
        name=spoken_name(values.get(f"{subject}.name")),
        actions=tuple(_action(row, corrected) for row in document["actions"]),
        former_names=frozenset(spoken_name(name) for name in names if name),
        date=str(values.get(f"{subject}.dob", "")),
        national_id=None if printed is None else str(printed),
    )


def _action(row: Any, corrected: Correction) -> RecordedAction:
    return RecordedAction(
        id=row["id"],
        type=row["type"],
        status=row["status"],
        at=corrected(parse_timestamp(row["createdAt"])),
        original_id=row.get("originalActionId"),
        registration_number=row.get("registrationNumber"),
        declaration=row.get("declaration") or {},
    )


def questions_in(exchanges: Iterable[Exchange], corrected: Correction = _as_shown) -> Iterator[Question]:
    """The trigger calls of OpenCRVS's journal; records are (event, action, tracking id)."""
    for exchange in exchanges:
        if exchange.operation.startswith("trigger.") and exchange.direction == "out":
            event_id, action_id = (*exchange.records, "", "")[:2]
            yield Question(
                event_id,
                action_id,
                exchange.operation.removeprefix("trigger."),
                corrected(parse_timestamp(exchange.at)),
                exchange.status,
            )


def identity_of(registration: PacketRegistration) -> Identity:
    """A packet of the mock, with the numbers that were given for it."""
    packet = registration.packet
    numbers = frozenset(number for number in (registration.uin, registration.vid) if number)
    return Identity(
        registration.id,
        packet.certificate_number or "",
        packet.name,
        packet.fields.get("dateOfBirth", ""),
        packet.process,
        numbers,
        registration.status.value,
    )


def identities_in(registrations: Iterable[PacketRegistration], people: Identities) -> Iterator[Identity]:
    """All packets, and those whom the bridge registered at once in the ID repository."""
    seen = set()
    for registration in registrations:
        seen.add(registration.id)
        identity = identity_of(registration)
        person = people.of_registration(registration.id)
        if person is not None:
            issued = {person.uin, *(vid.vid for vid in people.vids_of(person.uin))}
            identity = replace(identity, numbers=identity.numbers | issued)
        yield identity
    for registration_id, uin in people.by_registration.items():
        if registration_id not in seen:
            person = people.persons[uin]
            numbers = frozenset({uin, *(vid.vid for vid in people.vids_of(uin))})
            certificate = person.text("birthCertificateNumber") or ""
            yield Identity(registration_id, certificate, person.text("fullName") or "", numbers=numbers)


def messages_in(
    facts: Iterable[Fact], corrected: Correction = _as_shown
) -> tuple[list[SentDelivery], list[Forgery]]:
    """What the ID system said: deliveries, and answers when it was asked.

    A delivery that the mock damaged on purpose (wrong signature, another's key) counts as forged.
    """
    genuine: list[SentDelivery] = []
    forged: list[Forgery] = []
    for fact in facts:
        at, said = corrected(fact.at), fact.said
        if said.spoilt:
            what = f"{_SPOKEN.get(said.word, said.word)}, spoilt: {', '.join(said.spoilt)}"
            forged.append(Forgery(at, what, said.packet, fact.status))
        else:
            genuine.append(SentDelivery(at, said.packet, said.word, fact.status))
    return genuine, forged


def secrets_of(records: Iterable[JudgedRecord], identities: Iterable[Identity]) -> Iterator[Secret]:
    """Every national ID that may not be logged: the issued ones and those in the declarations."""
    for identity in identities:
        for number in identity.numbers:
            yield Secret("a national ID", number, f"packet {identity.registration_id}")
    for record in records:
        for action in record.actions:
            for name, value in action.declaration.items():
                if _PRIVATE_FIELD.search(name) and isinstance(value, str) and value.isdigit():
                    yield Secret("a national ID", value, record.label)
