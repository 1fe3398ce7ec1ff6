"""What the stages find wrong with a packet by its data. Pure (contract mosip §2.5, §3.2, §3.5, §8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from mock_nid.identities.people import Identities
from mock_nid.packets.registrations import StoredPacket
from mock_nid.packets.stages import BIRTHS, DEATHS, FAILURES, StageFailure
from wire.foreign_json import read_json
from wire.mosip import schema
from wire.world import calendar_day

MEDIATOR_MANDATORY: Mapping[str, tuple[str, ...]] = {
    "CRVS_NEW": ("fullName", "dateOfBirth|age", "gender"),
    "CRVS_DEATH": ("UIN|VID",),
    "CRVS_UPDATE": (),
    "OPENCRVS_NEW": (),
}
"""MOSIP's mandatory attributes but for those that packets of OpenCRVS's mediator lack: IDSchemaVersion
and the address; and a VID names a person too, as its newer packets do (§11.7)."""
NUMBER_FIELDS = ("UIN", "nationalIdNumber", "VID", "vid")


_UIN = re.compile(r"\d{10}", re.ASCII)  # mosip.kernel.uin.length


class Wrong(NamedTuple):
    """How a packet ends badly: `comment` in MOSIP's words, `why` in ours, for who looks at the mock."""

    failure: StageFailure
    comment: str
    why: str = ""


def wrong(code: str, comment: str = "", why: str = "") -> Wrong:
    failure = FAILURES[code]
    return Wrong(failure, failure.comment + comment, why)


def subject_number(packet: StoredPacket) -> str | None:
    """The number of the person whom a death or an update is about."""
    return next((packet.fields[name] for name in NUMBER_FIELDS if packet.fields.get(name)), None)


def birth_date(packet: StoredPacket) -> date | None:
    """`dateOfBirth` when it is one."""
    return date_of(packet.fields.get("dateOfBirth", ""))


def date_of(text: str) -> date | None:
    """A date (`YYYY/MM/DD` or `YYYY-MM-DD`); None when it is none."""
    return calendar_day(text.replace("/", "-"))


def age_in_years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def identity_of(packet: StoredPacket) -> dict[str, Any]:
    """The fields as the ID repository keeps them: language texts parsed, numbers as given."""
    return {name: _parsed(value) for name, value in packet.fields.items() if value != ""}


def _parsed(value: str) -> Any:
    if value.lstrip().startswith("[{"):
        try:
            rows = read_json(value)
        except ValueError:
            return value
        if isinstance(rows, list) and all(
            isinstance(row, dict) and {"language", "value"} <= row.keys() for row in rows
        ):
            return rows
    return value


def fields_wrong(packet: StoredPacket, level: str) -> Wrong | None:
    """The first thing that is wrong with the packet's fields, whoever else is known; None when they are good.

    `level` is the setting stage_checks: `stock`, `mediator`, `none`.
    """
    if level == "none":
        return None
    mandatory = schema.MANDATORY if level == "stock" else MEDIATOR_MANDATORY
    # fields that the schema does not name were never stored: packet manager routes by the schema (§2.2)
    for fault in schema.faults(packet.process, packet.fields, mandatory=mandatory, unknown_fields=True):
        return wrong("RPR-PKV-FAILED-012", why=f"{fault.field}: {fault.why}")
    if (uin := packet.fields.get("UIN")) and not _UIN.fullmatch(uin):
        return wrong("RPR-PKV-FAILED-012", why="UIN: ten digits are due; a VID has sixteen")
    return None


def person_wrong(
    packet: StoredPacket,
    people: Identities,
    today: date,
    *,
    level: str,
    infant_years: int,
    demo_dedupe: bool,
) -> Wrong | None:
    """What a stage finds wrong, at that moment, with the person whom good fields tell of."""
    if level == "none":
        return None
    if packet.process in BIRTHS:
        return _birth_wrong(packet, people, today, level, infant_years, demo_dedupe)
    return _subject_wrong(packet, people)


def _birth_wrong(
    packet: StoredPacket, people: Identities, today: date, level: str, infant_years: int, demo_dedupe: bool
) -> Wrong | None:
    born = birth_date(packet)
    if born is not None and age_in_years(born, today) >= infant_years:
        return wrong("RPR-PCL-FAILED-001", why=f"older than {infant_years} years")
    operations = packet.operations
    if level == "stock" and not operations.get("officerId") and not operations.get("supervisorId"):
        return wrong("RPR-OVM-FAILED-005", why="metaInfo.operationsData names no officer and no supervisor")
    if demo_dedupe and people.like(identity_of(packet)) is not None:
        return wrong("RPR-DDP-FAILED-002", why="name, birth date, gender and guardian are another person's")
    return None


def _subject_wrong(packet: StoredPacket, people: Identities) -> Wrong | None:
    number = subject_number(packet)
    if number is None or people.anyone(number) is None:
        return wrong("RPR-UIN-FAILED-005", "No Record(s) found", why="nobody has this number")
    return None


def is_death(packet: StoredPacket) -> bool:
    return packet.process in DEATHS
