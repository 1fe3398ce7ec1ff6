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
TRANSITIONS: dict[Act, dict[State, State]] = {
    # RECEIVED: a synchronous question that the ID system has not answered yet. Its answer is stored before
    # OpenCRVS is told; when the HTTP answer reached OpenCRVS, nothing is left to confirm
    Act.ANSWER_YES: {_S.ISSUED: _S.CONFIRMED},
    Act.ANSWER_NO: {_S.REFUSED: _S.REJECTED},
    Act.SUBMIT: {_S.QUEUED: _S.SUBMITTED},
    # an answer may overtake our own note that the packet was taken, and may come after we gave up waiting
    Act.ISSUE: {
        _S.RECEIVED: _S.ISSUED,
        _S.QUEUED: _S.ISSUED,
        _S.SUBMITTED: _S.ISSUED,
        _S.STUCK: _S.ISSUED,
    },
    Act.REFUSE: {
        _S.RECEIVED: _S.REFUSED,
        _S.QUEUED: _S.REFUSED,
        _S.SUBMITTED: _S.REFUSED,
        _S.STUCK: _S.REFUSED,
    },
    # OpenCRVS has the last word: a refusal that it already accepted is confirmed, and the other way round
    Act.CONFIRM: {_S.ISSUED: _S.CONFIRMED, _S.REFUSED: _S.CONFIRMED},
    Act.REJECT: {_S.REFUSED: _S.REJECTED, _S.ISSUED: _S.REJECTED},
    Act.GIVE_UP: {
        _S.RECEIVED: _S.STUCK,
        _S.QUEUED: _S.STUCK,
        _S.SUBMITTED: _S.STUCK,
        _S.ISSUED: _S.STUCK,
        _S.REFUSED: _S.STUCK,
    },
    # an operator's retry goes back to where the registration got stuck
    Act.RETRY_ASK: {_S.STUCK: _S.RECEIVED},
    Act.RETRY_SUBMIT: {_S.STUCK: _S.QUEUED},
    Act.RETRY_WAIT: {_S.STUCK: _S.SUBMITTED},
    # OpenCRVS has forgotten what was settled, and asks anew: a person decides
    Act.ASK_AGAIN: {_S.CONFIRMED: _S.STUCK, _S.REJECTED: _S.STUCK},
}


class PacketIdTaken(BridgeError):
    """Another registration has this packet id; nothing was written."""


class NotAllowed(BridgeError):
    """The table has no such transition; nothing was changed."""

    def __init__(self, state: State, act: Act) -> None:
        super().__init__(f"{act.value} is not possible in state {state.value}")
        self.state, self.act = state, act


def after(act: Act) -> State:
    """The state that `act` leads to, from wherever it may happen."""
    [state] = set(TRANSITIONS[act].values())
    return state


def allowed_from(act: Act) -> frozenset[State]:
    """The states in which `act` may happen."""
    return frozenset(TRANSITIONS[act])


class Stuck(StrEnum):
    """Why a registration waits for a person: a name, and in `ADVICE` what that person can do."""

    NID_UNREACHABLE = "nid-unreachable"
    NID_REFUSED_PACKET = "nid-refused-packet"
    NID_SILENT = "nid-silent"
    CREDENTIAL_MISSING = "credential-missing"
    TOKEN_EXPIRED = "token-expired"
    TOKEN_REFUSED = "token-refused"
    OPENCRVS_UNREACHABLE = "opencrvs-unreachable"
    OPENCRVS_REFUSED = "opencrvs-refused"
    RECORD_UNKNOWN = "record-unknown"
    RECORD_UNREADABLE = "record-unreadable"
    FORM_LACKS_FIELD = "form-lacks-field"
    NUMBER_TAKEN = "number-taken"
    CORRECTION_REJECTED = "correction-rejected"
    SETTLED_BEFORE = "settled-before"
    SECRETS_UNREADABLE = "secrets-unreadable"
    COUNTRY_UNREACHABLE = "country-unreachable"
    COUNTRY_DECIDES = "country-decides"
    NOT_VERIFIED = "not-verified"
    NOT_PAID = "not-paid"
    DOCUMENT_NOT_SENT = "document-not-sent"


ADVICE: dict[Stuck, str] = {
    Stuck.NID_UNREACHABLE: "The ID system could not be reached for too long. When it is back: retry.",
    Stuck.NID_REFUSED_PACKET: "The ID system does not take the packet. Mend the cause it names, then "
    "retry or reject.",
    Stuck.NID_SILENT: "The ID system took the packet and never answered. Ask its team; then retry or reject.",
    Stuck.CREDENTIAL_MISSING: "The ID system says that it is done, but no credential came and none "
    "could be fetched. "
    "Ask its team to issue it again, then retry; or reject.",
    Stuck.TOKEN_EXPIRED: "The record's token ran out before the answer came. Configure a system client "
    "(OPENCRVS_CLIENT_ID, OPENCRVS_CLIENT_SECRET), then retry.",
    Stuck.TOKEN_REFUSED: "OpenCRVS does not take the credential. Check the client's secret and "
    "scopes, then retry.",
    Stuck.OPENCRVS_UNREACHABLE: "OpenCRVS could not be reached for too long. When it is back: retry.",
    Stuck.OPENCRVS_REFUSED: "OpenCRVS refuses the confirmation. Read the last error; mend, then "
    "retry or reject.",
    Stuck.RECORD_UNKNOWN: "OpenCRVS does not know this event or action. Check which OpenCRVS this "
    "bridge serves.",
    Stuck.RECORD_UNREADABLE: "OpenCRVS wrote the confirmation and cannot read the record any more: most "
    "often the form lacks a field that it carries. Its people add the field and restart core; then it goes "
    "on by itself, or at once by retry.",
    Stuck.FORM_LACKS_FIELD: "The country's form lacks a field that the confirmation carries; the last error "
    "names it. Nothing was sent, because OpenCRVS could not read the record any more. Add it to the form and "
    "restart core (for the national ID, or name the right field, or none, in BRIDGE_NATIONAL_ID_FIELDS); "
    "then it goes on by itself, or at once by retry.",
    Stuck.NUMBER_TAKEN: "Another record has this registration number. Find out which (OpenCRVS searches by "
    "number); free it there and retry, or reject: registering again gives the next counted number (one made "
    "of the tracking id needs another BRIDGE_REGISTRATION_NUMBER).",
    Stuck.CORRECTION_REJECTED: "The ID system rejected the correction (or custom action), and this "
    "OpenCRVS takes no rejection of one afterwards (mended in 2.1): the record stays locked. When OpenCRVS "
    "is upgraded, or its people have cleared the action: retry.",
    Stuck.SETTLED_BEFORE: "OpenCRVS asks about an action that was settled before: its data was restored, or "
    "a rehearsal repeats ids (then give the bridge a new database, or the mock another seed). Nothing was "
    "sent. Retry gives the answer of then; reject lets the registrar register again.",
    Stuck.SECRETS_UNREADABLE: "What is stored for this registration cannot be opened: its encryption key is "
    "missing, or it was altered. Add the old key to BRIDGE_ENCRYPTION_KEYS again and restart; then retry.",
    Stuck.COUNTRY_UNREACHABLE: "The country config (BRIDGE_COUNTRY_CONFIG_URL), which is asked what it adds "
    "to the answer, did not answer for too long. When it is back: retry.",
    Stuck.COUNTRY_DECIDES: "The country config answered 202, so that it would confirm this action as well. "
    "Have it answer 200 (or 404) to actions that the bridge decides; then retry or reject.",
    Stuck.NOT_VERIFIED: "ID authentication gave no verdict on somebody in the record for as long as the "
    "country's policy waits. When it is back: retry; or reject.",
    Stuck.NOT_PAID: "The payment was not made, or nobody could say so, for as long as the country's policy "
    "waits. When it is there: retry; or reject.",
    Stuck.DOCUMENT_NOT_SENT: "A document that has to go with an application could not be sent; the last "
    "error names it. Where the record has none, or it is too large or of another kind, the registrar adds a "
    "better one: reject, with words. Where OpenCRVS has lost the file or its store is away, its people mend "
    "that; then retry.",
}


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
