"""What the country decides: which records are forwarded, in which mode, under which number. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any

from bridge.country.folder import FARAJALAND, Identification, country_of
from bridge.country.numbering import DEFAULT_NUMBER, Series, numbered
from bridge.country.people import Reason
from bridge.country.reasons import in_words, of_people
from bridge.country.rules import Rules, rules_of
from bridge.registration import Amendment, Registration
from wire.world import calendar_day


class Mode(StrEnum):
    """How a forwarded registration is answered.

    sync: ask the ID system now, 200 or 400. async: 202 now, confirm later.
    async-after-sync-timeout: ask now; when the time limit passes first, 202 and go on as async.
    """

    SYNC = "sync"
    ASYNC = "async"
    ASYNC_AFTER_SYNC_TIMEOUT = "async-after-sync-timeout"


NUMBER_LETTER = {"birth": "B", "death": "D"}
OFFICE_SIGNS = 8
"""How much of an office's id stands for it when the country names no code: the last of it."""


@dataclass(frozen=True)
class Policy:
    """The country's rules, one value for all decisions.

    `modes`: per event type, key `*` for the rest. `national_id_fields`: event type → declaration field that
    receives the national ID. `child_under_years`: births of older children are registered without the ID
    system. `office_codes`: an office's id → what stands for it in a number. `zone`: whose days
    count.
    """

    modes: Mapping[str, Mode] = field(default_factory=lambda: {"*": Mode.ASYNC})
    forwarded: frozenset[str] = frozenset({"birth", "death"})
    child_under_years: int | None = 10
    verified_parent: bool = False
    corrections: bool = True
    country: Path = FARAJALAND
    number_template: str = DEFAULT_NUMBER
    office_codes: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    national_id_fields: Mapping[str, str] = field(default_factory=lambda: {"birth": "child.nid"})

    @property
    def rules(self) -> Rules:
        """What is done about which action."""
        return rules_of(self.country)

    @property
    def identification(self) -> Identification:
        """How people are named to ID authentication."""
        return country_of(self.country).identification

    def refused_words(self, refused: Sequence[tuple[str, Reason]]) -> str:
        """What the registrar reads of people who were not verified."""
        return of_people(refused, self.country)

    def in_words(self, code: str | None) -> str:
        """What the registrar reads for a code of the ID system."""
        return in_words(code, self.country)

    def mode(self, event_type: str) -> Mode:
        return self.modes.get(event_type) or self.modes.get("*") or Mode.ASYNC

    def today(self, now: datetime) -> date:
        """The day in the country."""
        return now.astimezone(self.zone).date()

    @property
    def number_names_office(self) -> bool:
        return "{office}" in self.number_template

    def number(self, event_type: str, tracking_id: str, now: datetime, office: str = "") -> str | Series:
        """The registration number, unique because the tracking id is; or the series in which it is
        the next one. The year is that of registration, in the country; `office` is an office's id.
        """
        return numbered(
            self.number_template,
            year=self.today(now).year,
            letter=NUMBER_LETTER.get(event_type, event_type[:1].upper()),
            trackingId=tracking_id,
            eventType=event_type,
            office=self.office_codes.get(office) or office[-OFFICE_SIGNS:],
        )

    def why_not_forwarded(self, event_type: str, declaration: Mapping[str, Any], today: date) -> str | None:
        """Why the record is registered at once without the ID system; None when it is forwarded.

        A child that turns `child_under_years` today is no longer under it. A birth date that cannot be
        read is
        forwarded: the ID system judges it.
        """
        if event_type not in self.forwarded:
            return "events of its type are not forwarded"
        if event_type == "birth":
            return self._birth(declaration, today)
        if event_type == "death" and not declaration.get("deceased.nid"):
            return "the deceased has no national ID on record"
        return None

    def applied_for(self, event_type: str, declaration: Mapping[str, Any], today: date) -> bool:
        """Whether it is the birth of an older child who is applied for at pre-registration."""
        if event_type != "birth" or event_type not in self.forwarded or not self.rules.application:
            return False
        return self._too_old_in_months(calendar_day(declaration.get("child.dob")), today) is not None

    def _too_old_in_months(self, born: date | None, today: date) -> int | None:
        """The country's limit, when the child has reached it."""
        months = country_of(self.country).child_under_months
        too_old = born is not None and months is not None and months_old(born, today) >= months
        return months if too_old else None

    def _birth(self, declaration: Mapping[str, Any], today: date) -> str | None:
        born = calendar_day(declaration.get("child.dob"))
        if (
            self.child_under_years is not None
            and born is not None
            and age(born, today) >= self.child_under_years
        ):
            return f"the child is {self.child_under_years} years or older"
        if (months := self._too_old_in_months(born, today)) is not None:
            return f"the child is {months} months or older"
        verified = [declaration.get("mother.verified"), declaration.get("father.verified")]
        if self.verified_parent and not any(word in ("verified", "authenticated") for word in verified):
            return "neither parent is verified"
        return None

    def amended(
        self, event_type: str, national_id: str | None, amendment: Amendment | None = None
    ) -> dict[str, Any]:
        """The declaration fields that a confirmation adds: what the country's server gives, and the national
        ID where the event type has a place for it.
        """
        place = self.national_id_fields.get(event_type)
        own = {place: national_id} if place and national_id else {}
        return {**(amendment.declaration if amendment is not None else {}), **own}

    def awaits_national_id(self, registration: Registration) -> bool:
        """Whether it needs a national ID to be confirmed: it makes an identity and has a place for it."""
        return registration.brings_national_id and registration.event_type in self.national_id_fields


def months_old(born: date, today: date) -> int:
    """Whole months lived."""
    return (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)


def age(born: date, today: date) -> int:
    """Whole years lived; who was born on 29 February has the birthday on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
