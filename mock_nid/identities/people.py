"""The people whom the ID system knows, their VIDs, and how they are found. Pure but for `load_people`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from testbed.files import from_yaml
from testbed.names import FARAJALAND, Names, language_of
from wire.mosip.languages import language_values
from wire.world import World, parse_timestamp

DEFAULT_FILE = Path(__file__).parent.parent / "data" / "people.yaml"
STATUSES = ("ACTIVATED", "BLOCKED", "DEACTIVATED")
OTP = "111111"


@dataclass(frozen=True)
class Vid:
    """A virtual id of a person (contract mosip §7.2). `uses_left` None: as often as you like."""

    vid: str
    uin: str
    type: str = "Perpetual"
    status: str = "ACTIVE"
    generated_at: str = "2020-01-01T00:00:00.000Z"
    expires_at: str | None = None
    uses_left: int | None = None

    def status_at(self, now: datetime) -> str:
        if self.status == "ACTIVE" and self.expires_at and parse_timestamp(self.expires_at) <= now:
            return "EXPIRED"
        return self.status


@dataclass(frozen=True)
class Person:
    """One identity. `identity` holds attributes by their names in the ID schema, language values as lists."""

    uin: str
    identity: Mapping[str, Any]
    status: str = "ACTIVATED"
    registration_ids: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    otp: str = OTP

    def text(self, attribute: str, language: str | None = None) -> str | None:
        """An attribute as text, in a language or in the first there is."""
        value = self.identity.get(attribute)
        if isinstance(value, list):
            for item in value:
                if language is None or item["language"] == language:
                    return str(item["value"])
            return None
        return None if value is None else str(value)

    def languages(self, attribute: str) -> tuple[str, ...]:
        value = self.identity.get(attribute)
        return tuple(item["language"] for item in value) if isinstance(value, list) else ()


@dataclass
class Identities:
    """All identities and VIDs. Numbers are unique for ever, also those of the dead."""

    persons: dict[str, Person] = field(default_factory=dict)
    vids: dict[str, Vid] = field(default_factory=dict)
    by_registration: dict[str, str] = field(default_factory=dict)
    by_handle: dict[str, str] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)

    def add(self, person: Person, vids: Iterable[Vid] = ()) -> Person:
        """Take a person in, or replace the one with the same UIN."""
        self.persons[person.uin] = person
        for registration_id in person.registration_ids:
            self.by_registration[registration_id] = person.uin
        for handle in person.handles:
            self.by_handle[handle.lower()] = person.uin
        for vid in vids:
            self.vids[vid.vid] = vid
        return person

    def change(self, uin: str, **changes: Any) -> Person:
        return self.add(replace(self.persons[uin], **changes))

    def of_vid(self, vid: str) -> Person | None:
        found = self.vids.get(vid)
        return self.persons.get(found.uin) if found else None

    def of_registration(self, registration_id: str) -> Person | None:
        uin = self.by_registration.get(registration_id)
        return self.persons.get(uin) if uin else None

    def of_handle(self, handle: str) -> Person | None:
        uin = self.by_handle.get(handle.lower())
        return self.persons.get(uin) if uin else None

    def anyone(self, number: str) -> Person | None:
        """Whoever has this UIN or VID."""
        return self.persons.get(number) or self.of_vid(number)

    def vids_of(self, uin: str) -> list[Vid]:
        return [vid for vid in self.vids.values() if vid.uin == uin]

    def taken(self, number: str) -> bool:
        return number in self.persons or number in self.vids or number in self.reserved

    def like(self, identity: Mapping[str, Any]) -> Person | None:
        """Somebody with the same name, birth date, gender and guardian (demographic dedupe)."""
        marks = dedupe_marks(identity)
        return next((one for one in self.persons.values() if dedupe_marks(one.identity) == marks), None)


def handles_of(identity: Mapping[str, Any], kinds: Iterable[str]) -> tuple[str, ...]:
    """The handles of an identity: of each `field@postfix`, the field's value and the postfix."""
    pairs = (kind.partition("@") for kind in kinds)
    return tuple(f"{identity[name]}@{postfix}" for name, _, postfix in pairs if identity.get(name))


def dedupe_marks(identity: Mapping[str, Any]) -> tuple[str, ...]:
    """What two packets of the same child have in common."""
    return tuple(
        _folded(identity.get(name)) for name in ("fullName", "dateOfBirth", "gender", "guardianOrParentName")
    )


def _folded(value: Any) -> str:
    if isinstance(value, list):
        value = " ".join(str(item.get("value", "")) for item in value if isinstance(item, dict))
    return " ".join(str(value or "").lower().split())


_Told = str | dict[str, str]
"""An attribute of the people file: one text, or one for each language."""


class _VidRow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    vid: str
    status: str = "ACTIVE"
    type: str = "Perpetual"


class _PersonRow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    uin: str
    identity: dict[str, _Told]
    status: str = "ACTIVATED"
    vids: list[_VidRow] = []
    handles: list[str] = []
    locked: list[str] = []
    otp: str = OTP


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    people: list[_PersonRow]


def load_people(path: Path | None, locale: str = FARAJALAND, handles: Iterable[str] = ()) -> Identities:
    """The well-known people from YAML; FileWrong says what is wrong with the file. `handles`: kinds of
    those that each has beside its own.

    Of another locale each also has its language, with a name that is the same in every run.
    """
    rows = from_yaml(path or DEFAULT_FILE, _File, DEFAULT_FILE).people
    people = Identities()
    names = None if locale == FARAJALAND else Names(locale, World.virtual(seed=locale).chance)
    for row in rows:
        identity: dict[str, Any] = {"IDSchemaVersion": 0.1, "UIN": row.uin}
        told = row.identity if names is None else _told_in(language_of(locale), names, row.identity)
        for name, value in told.items():
            identity[name] = language_values(value) if isinstance(value, dict) else value
        vids = [Vid(vid=one.vid, uin=row.uin, type=one.type, status=one.status) for one in row.vids]
        people.add(
            Person(
                row.uin,
                identity,
                row.status,
                handles=(*row.handles, *handles_of(identity, handles)),
                locked=tuple(row.locked),
                otp=row.otp,
            ),
            vids,
        )
    return people


def _told_in(language: str, names: Names, identity: Mapping[str, _Told]) -> Mapping[str, _Told]:
    """An identity in one more language: a name of that country, other texts as they are."""
    gender = "male" if identity.get("gender") == {"eng": "Male"} else "female"
    told: dict[str, _Told] = {}
    for attribute, texts in identity.items():
        if isinstance(texts, str) or language in texts:
            told[attribute] = texts
        elif attribute == "fullName":
            told[attribute] = {**texts, language: f"{names.given(gender)} {names.surname()}"}
        else:
            told[attribute] = {**texts, language: next(iter(texts.values()))}
    return told
