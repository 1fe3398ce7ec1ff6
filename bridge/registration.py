"""The domain: a registration on its way through the bridge, its states, and what may follow what.

Pure: values and decisions only. The table `TRANSITIONS` is the whole of the state machine; the store applies
a transition only from a state that the table allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bridge.errors import BridgeError


class State(StrEnum):
    """Where a registration is. CONFIRMED and REJECTED are final."""

    RECEIVED = "RECEIVED"
    QUEUED = "QUEUED"
    SUBMITTED = "SUBMITTED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    STUCK = "STUCK"


FINAL = frozenset({State.CONFIRMED, State.REJECTED})
PENDING = frozenset(State) - FINAL


class Act(StrEnum):
    """What moves a registration from one state to the next."""

    ANSWER_YES = "answer-yes"
    ANSWER_NO = "answer-no"
    SUBMIT = "submit"
    ISSUE = "issue"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    REJECT = "reject"
    GIVE_UP = "give-up"
    RETRY_ASK = "retry-ask"
    RETRY_SUBMIT = "retry-submit"
    RETRY_WAIT = "retry-wait"
    ASK_AGAIN = "ask-again"


_S = State
_UNANSWERED = frozenset({_S.RECEIVED, _S.QUEUED, _S.SUBMITTED})
_ANSWERED = frozenset({_S.ISSUED, _S.REFUSED})
_STUCK = frozenset({_S.STUCK})
TRANSITIONS: dict[Act, tuple[frozenset[State], State]] = {
    # RECEIVED: a synchronous question that the ID system has not answered yet. Its answer is stored before
    # OpenCRVS is told; when the HTTP answer reached OpenCRVS, nothing is left to confirm
    Act.ANSWER_YES: (frozenset({_S.ISSUED}), _S.CONFIRMED),
    Act.ANSWER_NO: (frozenset({_S.REFUSED}), _S.REJECTED),
    Act.SUBMIT: (frozenset({_S.QUEUED}), _S.SUBMITTED),
    # an answer may overtake our own note that the packet was taken, and may come after we gave up waiting
    Act.ISSUE: (_UNANSWERED | _STUCK, _S.ISSUED),
    Act.REFUSE: (_UNANSWERED | _STUCK, _S.REFUSED),
    # OpenCRVS has the last word: a refusal that it already accepted is confirmed, and the other way round
    Act.CONFIRM: (_ANSWERED, _S.CONFIRMED),
    Act.REJECT: (_ANSWERED, _S.REJECTED),
    Act.GIVE_UP: (_UNANSWERED | _ANSWERED, _S.STUCK),
    # an operator's retry goes back to where the registration got stuck
    Act.RETRY_ASK: (_STUCK, _S.RECEIVED),
    Act.RETRY_SUBMIT: (_STUCK, _S.QUEUED),
    Act.RETRY_WAIT: (_STUCK, _S.SUBMITTED),
    # OpenCRVS has forgotten what was settled, and asks anew: a person decides
    Act.ASK_AGAIN: (FINAL, _S.STUCK),
}
"""From which states an act may happen, and the state that it leads to."""


class PacketIdTaken(BridgeError):
    """Another registration has this packet id; nothing was written."""


class NotAllowed(BridgeError):
    """The table has no such transition; nothing was changed."""

    def __init__(self, state: State, act: Act) -> None:
        super().__init__(f"{act.value} is not possible in state {state.value}")
        self.state = state


def after(act: Act) -> State:
    """The state that `act` leads to, from wherever it may happen."""
    return TRANSITIONS[act][1]


def allowed_from(act: Act) -> frozenset[State]:
    """The states in which `act` may happen."""
    return TRANSITIONS[act][0]


APPLICATION = "PRE_REGISTRATION"
"""The process of an older child: applied for, and registered without a national ID."""
NO_PACKET = ""
"""The process of an action about which the ID system only verifies people."""
UNTOLD = "reason-untold"
"""The step of a rejected registration whose reason OpenCRVS does not show to the registrar."""


class Task(StrEnum):
    """Work that is due for a registration; at most one at a time."""

    AMEND = "amend"
    VERIFY = "verify"
    PAY = "pay"
    ASK = "ask"
    SUBMIT = "submit"
    OPEN = "open"
    POLL = "poll"
    CONFIRM = "confirm"
    ACKNOWLEDGE = "acknowledge"


class Destination(StrEnum):
    """Whom a task talks to: each has its own circuit."""

    NID = "nid"
    IDA = "ida"
    PAYMENTS = "payments"
    STATUS = "nid-status"
    HUB = "hub"
    OPENCRVS = "opencrvs"
    COUNTRY = "country-config"


DESTINATION: dict[Task, Destination] = {
    Task.AMEND: Destination.COUNTRY,
    Task.VERIFY: Destination.IDA,
    Task.PAY: Destination.PAYMENTS,
    Task.ASK: Destination.NID,
    Task.SUBMIT: Destination.NID,
    Task.OPEN: Destination.NID,
    Task.POLL: Destination.STATUS,
    Task.CONFIRM: Destination.OPENCRVS,
    Task.ACKNOWLEDGE: Destination.HUB,
}


NEEDS: dict[Task, frozenset[str]] = {
    Task.AMEND: frozenset({"token", "document"}),
    Task.VERIFY: frozenset({"document", "amendment"}),
    Task.PAY: frozenset({"document"}),
    Task.ASK: frozenset({"packet"}),
    Task.SUBMIT: frozenset({"packet"}),
    Task.OPEN: frozenset({"delivery"}),
    Task.POLL: frozenset(),
    Task.CONFIRM: frozenset({"token", "national_id", "amendment", "document"}),
    Task.ACKNOWLEDGE: frozenset(),
}
"""Which of a registration's secrets a task works with; the others stay closed."""


@dataclass(frozen=True)
class RecordFile:
    """A file of the record that goes with an application (contract mosip §7.5). `field` of the declaration
    has it; `path` is OpenCRVS's, empty where a `needed` one is not there; `kind` is a code of the ID system.
    """

    field: str
    path: str
    name: str
    category: str
    kind: str
    needed: bool


@dataclass(frozen=True)
class PacketContent:
    """What is sent to the ID system: the mediator API's own payload (contract mosip §11.1).

    `fields` are ready for the packet (language values already JSON text); `notification` has name, phone,
    email.
    """

    fields: dict[str, str]
    notification: dict[str, str]
    meta_info: dict[str, str]
    audits: list[dict[str, str]]
    schema_json: str | None = None
    files: Sequence[RecordFile] = ()


@dataclass(frozen=True)
class Amendment:
    """What the country's own server adds to an answer; `number` None: it gives none."""

    number: str | None = None
    declaration: Mapping[str, Any] = field(default_factory=dict)
    annotation: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Registration:
    """One (event, action) that OpenCRVS asked about. Instants are aware UTC; secrets are held elsewhere.

    `number` is the registration number promised to OpenCRVS; `packet_id` the id of the packet at the ID
    system.
    """

    id: str
    event_id: str
    action_id: str
    event_type: str
    action_type: str
    tracking_id: str
    number: str
    packet_id: str
    process: str
    state: State
    received_at: datetime
    updated_at: datetime
    mode: str = "async"
    request_id: str | None = None
    reason: str | None = None
    words: str | None = None
    task: Task | None = None
    due_at: datetime | None = None
    attempts: int = 0
    first_failed_at: datetime | None = None
    last_error: str | None = None
    held: str | None = None
    """Code of the channel's fault for which it waits (failure.py); it goes on when that is mended."""
    step: str | None = None
    token_expires_at: datetime | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    acknowledge_id: str | None = None
    ahead: str | None = None
    """Tasks before the packet is handed over, by blanks: the first is the one that it is at."""
    kept: bool = False
    """Whether a delivery is stored that has to be opened."""

    @property
    def makes_packet(self) -> bool:
        """Whether a packet is made of it; else it is answered when people are verified."""
        return self.process != NO_PACKET

    @property
    def brings_national_id(self) -> bool:
        """Whether its packet is one that makes an identity (contract mosip §3.2)."""
        return self.process == "CRVS_NEW"

    @property
    def untold(self) -> bool:
        """Whether it is rejected for a reason that the registrar cannot read in OpenCRVS."""
        return self.state is State.REJECTED and self.step == UNTOLD

    @property
    def names(self) -> dict[str, str]:
        """What a log line calls it."""
        return {"registration": self.id, "event_id": self.event_id}

    @property
    def preparation(self) -> tuple[Task, ...]:
        """What is still to be done before the packet is handed over."""
        return tuple(map(Task, (self.ahead or "").split()))

    @property
    def final(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True)
class Secrets:
    """What a registration holds that no log and no listing may show; dropped when it is settled."""

    token: str | None = None
    packet: PacketContent | None = None
    national_id: str | None = None
    delivery: bytes | None = None
    document: bytes | None = None
    """The event document as OpenCRVS sent it, while something is still to be made of it."""
    amendment: Amendment = field(default_factory=Amendment)
    verdicts: Mapping[str, list[str]] = field(default_factory=dict)
    """Why people were not verified, by the print of their data (country/people.py); no reason: they were.
    Kept when it is settled: nobody is asked about twice.
    """
    unreadable: str | None = None
    """Why what is stored cannot be opened; then the others are None."""
