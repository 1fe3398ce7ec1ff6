"""What an answer of OpenCRVS to accept or reject means. Pure (contract opencrvs §4.4, §9.3, §11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wire.opencrvs.documents import ActionStatus
from wire.opencrvs.trpc import TRPCError
from wire.redaction import redact_text


class ConfirmationResult(StrEnum):
    """ACCEPTED, REJECTED: so the action stands now, whoever did it. The rest: it stands open, or who knows.

    FAILED: nothing that OpenCRVS itself said. BROKEN: its own 500, which may hide a row that was written.
    UNTAKEN: its 500, and the record shows that nothing was written. UNREADABLE: written, and nobody can read
    the record any more.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    BROKEN = "broken"
    UNTAKEN = "untaken"
    ASSIGNED = "assigned"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    INVALID = "invalid"
    NUMBER_TAKEN = "number-taken"
    UNREADABLE = "unreadable"


SETTLED = frozenset({ConfirmationResult.ACCEPTED, ConfirmationResult.REJECTED})
CREDENTIAL = frozenset({ConfirmationResult.EXPIRED, ConfirmationResult.FORBIDDEN})
"""Another credential may do better."""
PROVES_NOTHING = frozenset(
    {ConfirmationResult.FAILED, ConfirmationResult.BROKEN, ConfirmationResult.UNREADABLE}
)
"""Only the record can tell what became of it."""


@dataclass(frozen=True)
class Confirmation:
    """`words` is OpenCRVS's own text, masked and cut, for the operator. `wait`: seconds until a log-in that
    was refused is tried again.
    """

    result: ConfirmationResult
    words: str = ""
    wait: float | None = None


_NUMBER_TAKEN = "event_actions_registration_number_key"
_UNREADABLE = ("not found in event config", "Cannot read properties of undefined")
"""Outside production core tells the cause of a 500 (contract opencrvs §0.4 row 20, §9.8)."""


def judge(answer: Any, action_id: str) -> Confirmation:
    """Read what an accept, reject or event.get call came to: an event document or a TRPCError."""
    if not isinstance(answer, TRPCError):
        return _from_document(answer, action_id)
    said, status, own = answer.message, answer.http_status, answer.enveloped
    known = (
        ("already been rejected" in said, ConfirmationResult.REJECTED),
        ("already been accepted" in said, ConfirmationResult.ACCEPTED),
        (status == 401, ConfirmationResult.EXPIRED),
        (status == 403, ConfirmationResult.FORBIDDEN),
        (status == 404 and own, ConfirmationResult.UNKNOWN),  # a proxy's says nothing about the record
        (status == 409, ConfirmationResult.ASSIGNED),
        (_NUMBER_TAKEN in said, ConfirmationResult.NUMBER_TAKEN),
        (any(text in said for text in _UNREADABLE), ConfirmationResult.UNREADABLE),
        (status in (400, 405, 412, 413, 415, 422) and own, ConfirmationResult.INVALID),
        (own, ConfirmationResult.BROKEN),
    )
    result = next((result for holds, result in known if holds), ConfirmationResult.FAILED)
    return Confirmation(result, redact_text(said)[:300])


def looked_at(said: Confirmation, seen: Confirmation) -> Confirmation:
    """What a confirmation came to, from its answer and from the record read afterwards."""
    if seen.result in SETTLED:
        return seen
    if (
        ConfirmationResult.UNREADABLE in (said.result, seen.result)
        or seen.result is ConfirmationResult.BROKEN
    ):
        known = seen.result if said.result is not ConfirmationResult.UNREADABLE else said.result
        return Confirmation(known, "; ".join(dict.fromkeys(filter(None, (said.words, seen.words)))))
    if said.result is ConfirmationResult.BROKEN and seen.result is ConfirmationResult.UNCHANGED:
        return Confirmation(ConfirmationResult.UNTAKEN, said.words)
    # an answer of success counts when the record may not be read, or not now
    return (
        seen
        if said.result is ConfirmationResult.ACCEPTED and seen.result is ConfirmationResult.UNCHANGED
        else said
    )


_PASSED_ON = frozenset({405, 408, 413, 415, 425, 429, 502, 503, 504})
"""Statuses in tRPC's own form that concern every call alike."""


def not_its_word(answer: TRPCError) -> bool:
    """Whether an answer comes from something before OpenCRVS's events service, or concerns no record: a
    proxy's 404 says nothing about the event. A credential that is refused is judged, whoever refuses it.
    """
    if answer.http_status in (401, 403):
        return False
    no_such_procedure = answer.http_status == 404 and "procedure" in answer.message.lower()
    return not answer.enveloped or no_such_procedure or answer.http_status in _PASSED_ON


def _from_document(event: Any, action_id: str) -> Confirmation:
    actions = event.get("actions") if isinstance(event, Mapping) else None
    if not isinstance(actions, list):
        return Confirmation(ConfirmationResult.FAILED, "the answer holds no event document")
    for action in actions:
        if isinstance(action, Mapping) and action.get("originalActionId") == action_id:
            accepted = action.get("status") == ActionStatus.ACCEPTED
            return Confirmation(ConfirmationResult.ACCEPTED if accepted else ConfirmationResult.REJECTED)
    return Confirmation(ConfirmationResult.UNCHANGED, "OpenCRVS answered without a change to the action")


class Way(StrEnum):
    """Which credential confirms."""

    STORED = "stored"
    SYSTEM = "system"


def ways(strategy: str, profile: str, *, client: bool) -> tuple[Way, ...]:
    """The credentials to try, in order, for a confirmation strategy of the settings."""
    if strategy == "auto":
        if profile == "2.1":
            return (Way.SYSTEM,)
        return (Way.STORED, Way.SYSTEM) if client else (Way.STORED,)
    return {"stored": (Way.STORED,), "system": (Way.SYSTEM,), "stored-then-system": (Way.STORED, Way.SYSTEM)}[
        strategy
    ]


def usable(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a stored token is worth sending: not within five seconds of its end."""
    return expires_at is None or now + timedelta(seconds=5) < expires_at
