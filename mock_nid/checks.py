"""What the stages find wrong with a packet by its data. Pure (contract mosip §2.5, §3.2, §3.5, §8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from mock_nid.people import People, Person
from mock_nid.registrations import Packet
from mock_nid.stages import BIRTHS, DEATHS, FAILURES, Failure
from wire.mosip import schema
from wire.mosip.identifiers import VID_LENGTH

LENIENT_MANDATORY: Mapping[str, tuple[str, ...]] = {
    "CRVS_NEW": ("fullName",),
    "OPENCRVS_NEW": ("fullName",),
    "CRVS_DEATH": ("UIN|nationalIdNumber|VID|vid",),
    "CRVS_UPDATE": ("UIN|nationalIdNumber|VID|vid",),
}
NUMBER_FIELDS = ("UIN", "nationalIdNumber", "VID", "vid")


def missing_attribute(packet: Packet, *, stock: bool) -> str | None:
    """The first mandatory attribute that the packet lacks; `a|b` means either."""
    table = schema.MANDATORY if stock else LENIENT_MANDATORY
    for wanted in table.get(packet.process, ()):
        if not any(packet.fields.get(name) for name in wanted.split("|")):
            return wanted
    return None


def subject_number(packet: Packet) -> str | None:
    """The number of the person whom a death or an update is about."""
    return next((packet.fields[name] for name in NUMBER_FIELDS if packet.fields.get(name)), None)


def birth_date(packet: Packet) -> date | None:
    """`dateOfBirth` when it is one (`YYYY/MM/DD` or `YYYY-MM-DD`)."""
    try:
        return date.fromisoformat(packet.fields.get("dateOfBirth", "").replace("/", "-"))
    except ValueError:
        return None


def age_in_years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def identity_of(packet: Packet) -> dict[str, Any]:
    """The fields as the ID repository keeps them: language texts parsed, numbers as given."""
    return {name: _parsed(value) for name, value in packet.fields.items() if value != ""}


def _parsed(value: str) -> Any:
    if value.lstrip().startswith("[{"):
        try:
            rows = json.loads(value)
        except (ValueError, RecursionError):
            return value
        if isinstance(rows, list) and all(
            isinstance(row, dict) and {"language", "value"} <= row.keys() for row in rows
        ):
            return rows
    return value


def found_wrong(
    packet: Packet,
    people: People,
    today: date,
    *,
    level: str,
    infant_years: int,
    demo_dedupe: bool,
) -> tuple[Failure, str] | None:
    """The first thing that a stage finds wrong, with its comment; None when the packet is good.

    `level` is the setting stage_checks: `stock`, `lenient`, `none`.
    """
    if level == "none":
        return None
    if missing_attribute(packet, stock=level == "stock"):
        failure = FAILURES["RPR-PKV-FAILED-012"]
        return failure, failure.comment
    if packet.process in BIRTHS:
        return _birth_wrong(packet, people, today, level, infant_years, demo_dedupe)
    return _subject_wrong(packet, people)


def _birth_wrong(
    packet: Packet, people: People, today: date, level: str, infant_years: int, demo_dedupe: bool
) -> tuple[Failure, str] | None:
    born = birth_date(packet)
    if born is None and level == "stock":
        failure = FAILURES["RPR-PKV-FAILED-012"]
        return failure, failure.comment
    if born is not None and age_in_years(born, today) >= infant_years:
        failure = FAILURES["RPR-PCL-FAILED-001"]
        return failure, failure.comment
    operations = packet.operations
    if level == "stock" and not operations.get("officerId") and not operations.get("supervisorId"):
        failure = FAILURES["RPR-OVM-FAILED-005"]
        return failure, failure.comment
    if demo_dedupe and people.like(identity_of(packet)) is not None:
        failure = FAILURES["RPR-DDP-FAILED-002"]
        return failure, failure.comment
    return None


def _subject_wrong(packet: Packet, people: People) -> tuple[Failure, str] | None:
    if len(packet.fields.get("UIN", "")) == VID_LENGTH:
        failure = FAILURES["RPR-PKV-FAILED-002"]  # contract mosip §15 row 3: no UIN has sixteen digits
        return failure, failure.comment
    number = subject_number(packet)
    person: Person | None = people.anyone(number) if number else None
    if person is None:
        failure = FAILURES["RPR-UIN-FAILED-005"]
        return failure, f"{failure.comment}No Record(s) found"
    return None


def is_death(packet: Packet) -> bool:
    return packet.process in DEATHS
