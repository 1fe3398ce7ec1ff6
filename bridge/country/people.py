"""Who is verified before an action is answered, and what came of it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wire.world import calendar_day

PENDING = "pending"
"""What a form shows of somebody of whom there is no verdict (contract opencrvs §8.1)."""
_PROVEN = "authenticated"
"""What it shows of somebody who was at eSignet; nobody else can say so."""


class Reason(StrEnum):
    """Why a person is not who the form says; the names are those of Uganda's mediator, but for the last
    three.
    """

    NIN_NOT_FOUND = "NIN_NOT_FOUND"
    NAME_MISMATCH = "NAME_MISMATCH"
    DOB_MISMATCH = "DOB_MISMATCH"
    GENDER_MISMATCH = "GENDER_MISMATCH"
    UNKNOWN = "UNKNOWN"
    DEACTIVATED = "DEACTIVATED"
    NO_NUMBER = "NO_NUMBER"
    UNAVAILABLE = "VERIFICATION_UNAVAILABLE"


class VerificationNeed(StrEnum):
    """What it means for the action that somebody is not verified."""

    MUST = "must"
    """A no rejects it, and so does a number that is missing."""
    IF_KNOWN = "if-known"
    """Who has a number must be verified."""
    MAY = "may"
    """The verdict is written into the record, whatever it is."""


@dataclass(frozen=True)
class PersonAsked:
    """Who is asked about: `nid` as typed, `born` as `YYYY-MM-DD`, name parts joined by blanks."""

    nid: str
    born: str
    name: str
    gender: str | None
    who: str | None = None
    """Which part the person has in the record, as `mother`."""

    @property
    def print(self) -> str:
        """The same for the same data: a verdict is about them, and whoever changes them is asked about
        anew.
        """
        told = json.dumps([self.nid, self.born, self.name, self.gender])
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class PersonVerdict:
    """What the ID system says of a person: yes, or why not."""

    reasons: tuple[Reason, ...] = ()

    @property
    def verified(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Verified:
    """What verification makes of an action: fields that are written into the record, and who stands in its
    way, why.
    """

    fields: Mapping[str, str]
    refused: Sequence[tuple[str, Reason]]


def stands_in_the_way(needs: Mapping[str, VerificationNeed]) -> bool:
    """Whether anybody's missing or bad verdict may reject the action."""
    return any(need is not VerificationNeed.MAY for need in needs.values())


def asked_about(
    needs: Mapping[str, VerificationNeed], declaration: Mapping[str, Any], names: Sequence[str]
) -> list[PersonAsked]:
    """Whom the ID system is asked about: who has a number, and has not been at eSignet."""
    return [
        person
        for who in needs
        if declaration.get(f"{who}.verified") != _PROVEN
        and (person := _person(who, declaration, names)) is not None
    ]


def open_needs(
    needs: Mapping[str, VerificationNeed], declaration: Mapping[str, Any]
) -> dict[str, VerificationNeed]:
    """Those about whom there is something to ask or to say."""
    return {
        who: need
        for who, need in needs.items()
        if declaration.get(f"{who}.verified") != _PROVEN
        and (need is VerificationNeed.MUST or declaration.get(f"{who}.nid"))
    }


def verified(
    needs: Mapping[str, VerificationNeed],
    people: Sequence[PersonAsked],
    verdicts: Mapping[str, PersonVerdict],
    counts_for: Sequence[str],
) -> Verified:
    """`verdicts` by print; who has none yet is pending. `counts_for`: of whom a deactivated number counts."""
    known = {str(person.who): verdicts.get(person.print) for person in people}
    fields: dict[str, str] = {}
    refused: list[tuple[str, Reason]] = []
    for who, need in needs.items():
        if who not in known:
            refused.append((who, Reason.NO_NUMBER))
            continue
        verdict = known[who]
        if verdict is None:
            fields[f"{who}.verified"] = PENDING
        elif counts(verdict, who, counts_for):
            fields[f"{who}.verified"] = "verified"
        else:
            fields[f"{who}.verified"] = "failed"
            if need is not VerificationNeed.MAY:
                refused += [(who, reason) for reason in verdict.reasons]
    return Verified(fields, refused)


def counts(verdict: PersonVerdict, who: str | None, counts_for: Sequence[str]) -> bool:
    """Whether somebody is verified: a dead mother may still be a mother."""
    still = verdict.reasons == (Reason.DEACTIVATED,) and who in counts_for
    return verdict.verified or still


def _person(who: str, declaration: Mapping[str, Any], names: Sequence[str]) -> PersonAsked | None:
    number, name = declaration.get(f"{who}.nid"), declaration.get(f"{who}.name")
    if not isinstance(number, str) or not number.strip():
        return None
    told = name if isinstance(name, Mapping) else {}
    parts = (str(told.get(part) or "").strip() for part in names)
    born, gender = (declaration.get(f"{who}.{field}") for field in ("dob", "gender"))
    return PersonAsked(
        number,
        born if isinstance(born, str) and calendar_day(born) else "",
        " ".join(part for part in parts if part),
        gender if isinstance(gender, str) and gender else None,
        who,
    )
