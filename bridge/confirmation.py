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


class Result(StrEnum):
    """ACCEPTED, REJECTED: so the action stands now, whoever did it. The rest: it stands open."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    ASSIGNED = "assigned"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    INVALID = "invalid"


SETTLED = frozenset({Result.ACCEPTED, Result.REJECTED})
CREDENTIAL = frozenset({Result.EXPIRED, Result.FORBIDDEN})
"""Another credential may do better."""
RETRIED = frozenset({Result.UNCHANGED, Result.FAILED, Result.ASSIGNED})


@dataclass(frozen=True)
class Judgement:
    """`words` is OpenCRVS's own text, masked and cut, for the operator."""

    result: Result
    words: str = ""


def judge(answer: Any, action_id: str) -> Judgement:
    """Read what an accept, reject or event.get call came to: an event document or a TRPCError."""
    if not isinstance(answer, TRPCError):
        return _from_document(answer, action_id)
    words = redact_text(answer.message)[:300]
    status = answer.http_status
    if "already been rejected" in answer.message:
        return Judgement(Result.REJECTED, words)
    if "already been accepted" in answer.message:
        return Judgement(Result.ACCEPTED, words)
    if status == 401:
        return Judgement(Result.EXPIRED, words)
    if status == 403:
        return Judgement(Result.FORBIDDEN, words)
    # a proxy's 404 says nothing about the record
    if status == 404 and answer.enveloped:
        return Judgement(Result.UNKNOWN, words)
    if status == 409:
        return Judgement(Result.ASSIGNED, words)
    if status in (400, 405, 412, 413, 415, 422) and answer.enveloped:
        return Judgement(Result.INVALID, words)
    return Judgement(Result.FAILED, words)


def _from_document(event: Any, action_id: str) -> Judgement:
    actions = event.get("actions") if isinstance(event, Mapping) else None
    if not isinstance(actions, list):
        return Judgement(Result.FAILED, "the answer holds no event document")
    for action in actions:
        if isinstance(action, Mapping) and action.get("originalActionId") == action_id:
            accepted = action.get("status") == ActionStatus.ACCEPTED
            return Judgement(Result.ACCEPTED if accepted else Result.REJECTED)
    return Judgement(Result.UNCHANGED, "OpenCRVS answered without a change to the action")


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
    return {
        "stored": (Way.STORED,),
        "system": (Way.SYSTEM,),
        "stored-then-system": (Way.STORED, Way.SYSTEM),
    }[strategy]


def usable(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a stored token is worth sending: not within five seconds of its end."""
    return expires_at is None or now + timedelta(seconds=5) < expires_at
