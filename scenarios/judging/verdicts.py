"""How the judge speaks: promises, rulings, and findings that name the record and what shows the breach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Ruling(StrEnum):
    """How a promise came out."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach: the record it concerns, what is wrong, and what shows it."""

    record: str
    what: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    number: int
    text: str
    short: str
    shows: str = ""
    """Ids of the requirements that it is a look at, with blanks between."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise with its ruling. `looked_at` says how much was examined, or why nothing could be."""

    promise: Promise
    ruling: Ruling
    looked_at: str
    findings: tuple[Breach, ...] = ()

    @property
    def kept(self) -> bool:
        return self.ruling is Ruling.KEPT


def ruled(promise: Promise, looked_at: str, findings: Iterable[Breach]) -> Verdict:
    """Broken by the first finding; kept without any."""
    found = tuple(findings)
    return Verdict(promise, Ruling.BROKEN if found else Ruling.KEPT, looked_at, found)


def counted(many: int, what: str, plural: str = "") -> str:
    """`1 record`, `2 records`."""
    return f"{many} {what if many == 1 else plural or what + 's'}"


ENDS = Promise(
    1,
    "Every 202 ends in accept, reject, or a named, listed, actionable stuck state. Never in silence.",
    "no silence",
    shows="FIELD-END-01",
)
ONCE = Promise(
    2,
    "At most one acceptance takes effect per action; a repeated delivery changes nothing.",
    "once only",
    shows="OCRVS-ACC-22",
)
OWN = Promise(
    3,
    "No record ever carries another record's registration number or national ID.",
    "own numbers only",
    shows="FIELD-OWN-01",
)
QUIET = Promise(4, "No token, key or national ID in any log line.", "quiet logs", shows="FIELD-LOG-01")
GENUINE = Promise(
    5,
    "No callback that the ID system did not send changes anything.",
    "genuine callbacks only",
    shows="MOSIP-HUB-11",
)
PROMISES = (ENDS, ONCE, OWN, QUIET, GENUINE)


def told(verdict: Verdict) -> list[str]:
    """A broken promise in lines: which, by what record, and what shows it."""
    lines = [f"promise {verdict.promise.number} is broken: {verdict.promise.text}"]
    for finding in verdict.findings:
        lines += [f"  {finding.record}: {finding.what}", *(f"    · {one}" for one in finding.evidence)]
    return lines
