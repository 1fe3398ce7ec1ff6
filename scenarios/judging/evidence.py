"""What is laid before the judge: plain values, gathered after a scenario and never changed.

Instants are aware UTC datetimes. Nothing here reads a server; `gathering` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LONGEST_NAME = 50
"""Letters of MOSIP's `fullName` (contract mosip §2.6)."""


def same_name(name: str) -> str:
    """One text for all orders of a name's words, without capitals: a country may put the surname first."""
    return " ".join(sorted(name.casefold().split()))


def _shortens(name: str, whole: str) -> bool:
    """Whether its words are beginnings of the other's words, in their order."""
    words = iter(whole.split())
    return bool(name) and all(
        any(word.startswith(short.rstrip(".")) for word in words) for short in name.split()
    )


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """One row of a record, as OpenCRVS stores it (contract opencrvs §1.1)."""

    id: str
    type: str
    status: str
    at: datetime
    original_id: str | None = None
    registration_number: str | None = None
    declaration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JudgedRecord:
    """One event document, with what the judge compares taken out of its declaration."""

    event_id: str
    tracking_id: str
    type: str
    name: str
    actions: tuple[RecordedAction, ...] = ()
    date: str = ""
    former_names: frozenset[str] = frozenset()
    """What the person was called before a correction."""
    national_id: str | None = None
    """What the registry printed for this person after the confirmation (birth: `child.nid`)."""

    @property
    def label(self) -> str:
        return f"{self.type} {self.tracking_id} ({self.name or 'no name'})"

    @property
    def called(self) -> frozenset[str]:
        """The person's names, also those before a correction, as `same_name` writes them."""
        return frozenset(same_name(one) for one in (self.name, *self.former_names))

    def goes_by(self, name: str) -> bool:
        """Whether a packet under this name may be this person's: a bridge shortens what MOSIP cannot hold."""
        wanted = same_name(name)
        return wanted in self.called or any(
            len(one) > LONGEST_NAME and _shortens(name.casefold(), one.casefold())
            for one in (self.name, *self.former_names)
        )

    def requested(self, action_id: str) -> RecordedAction | None:
        return next((a for a in self.actions if a.id == action_id and a.status == "Requested"), None)

    def answers(self, action_id: str) -> tuple[RecordedAction, ...]:
        """The rows that settle `action_id`: accepted or rejected, at once or later."""
        return tuple(a for a in self.actions if a.original_id == action_id and a.status != "Requested")

    @property
    def people(self) -> frozenset[str]:
        """The numbers of everybody in it: what ID authentication says is about one of them."""
        told = (item for action in self.actions for item in action.declaration.items())
        return frozenset(str(value).lower() for name, value in told if name.endswith(".nid") and value)

    @property
    def confirmed_numbers(self) -> tuple[str, ...]:
        """The numbers that came as an answer to a question; not those of imported records."""
        asked = (a for a in self.actions if a.status == "Accepted" and a.original_id)
        return tuple(a.registration_number for a in asked if a.registration_number)

    @property
    def registration_numbers(self) -> tuple[str, ...]:
        """Every number an accepted registration gave this record, in order."""
        found = (a.registration_number for a in self.actions if a.status == "Accepted")
        return tuple(number for number in found if number)


@dataclass(frozen=True, slots=True)
class Question:
    """One trigger call: OpenCRVS asks the country's server about an action (contract opencrvs §1.1, 1.2)."""

    event_id: str
    action_id: str
    action_type: str
    at: datetime
    status: int | None
    """The HTTP status that came back; None when nothing came."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the ID system knows about one packet or synchronous registration."""

    registration_id: str
    certificate_number: str
    name: str
    date_of_birth: str = ""
    process: str = ""
    numbers: frozenset[str] = frozenset()
    """UIN and VIDs that were issued for it."""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """One genuine message that the ID system's hub sent."""

    at: datetime
    registration_id: str
    means: str
    """`issued`, `processed`, `refused` or another word for what it says."""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Forgery:
    """One message that somebody else sent to the bridge's callback."""

    at: datetime
    what: str
    registration_id: str
    answer: int | None = None
    number: str | None = None
    """The national ID that the forger tried to plant."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One registration in the bridge's own list of what is not finished."""

    event_id: str
    action_id: str
    state: str
    reason: str = ""
    remedies: tuple[str, ...] = ()
    """What an operator can do about it."""
    stuck: bool = False
    held: str = ""
    """Code of the fault that it waits for: it goes on by itself when somebody has mended that."""
    registration_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided through the bridge's operations: it settles an action without the ID system."""

    at: datetime
    action_id: str
    what: str


@dataclass(frozen=True, slots=True)
class LogLine:
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that no log may show: a token, a client secret, a national ID."""

    kind: str
    value: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known when a scenario has come to rest."""

    at: datetime
    records: tuple[JudgedRecord, ...] = ()
    questions: tuple[Question, ...] = ()
    identities: tuple[Identity, ...] = ()
    deliveries: tuple[SentDelivery, ...] = ()
    forgeries: tuple[Forgery, ...] = ()
    waiting: tuple[Unfinished, ...] = ()
    decisions: tuple[Decision, ...] = ()
    log: tuple[LogLine, ...] = ()
    secrets: tuple[Secret, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    """What could not be looked at (`records`, `identities`, `waiting`, `log`), and why."""
