"""What OpenCRVS's answers mean (contract opencrvs §4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.opencrvs.confirmation import Result, Way, judge, ways
from wire.opencrvs.trpc import TRPCError

ACTION = "a1"


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"actions": [{"originalActionId": ACTION, "status": "Accepted"}]}, Result.ACCEPTED),
        ({"actions": [{"originalActionId": ACTION, "status": "Rejected"}]}, Result.REJECTED),
        ({"actions": [{"originalActionId": "other", "status": "Accepted"}]}, Result.UNCHANGED),
        ({}, Result.FAILED),
        (None, Result.FAILED),
        (TRPCError("BAD_REQUEST", "Action has already been rejected."), Result.REJECTED),
        (TRPCError("INTERNAL_SERVER_ERROR", "Action has already been accepted."), Result.ACCEPTED),
        (TRPCError("INTERNAL_SERVER_ERROR", "Internal server error"), Result.BROKEN),
        (
            TRPCError("INTERNAL_SERVER_ERROR", "Field with id child.nid not found in event config"),
            Result.UNREADABLE,
        ),
        (
            TRPCError(
                "INTERNAL_SERVER_ERROR",
                'duplicate key value violates unique constraint "event_actions_registration_number_key"',
            ),
            Result.NUMBER_TAKEN,
        ),
        (TRPCError("UNAUTHORIZED", "Expired token", enveloped=False), Result.EXPIRED),
        (TRPCError("FORBIDDEN", "FORBIDDEN"), Result.FORBIDDEN),
        (TRPCError("NOT_FOUND", "Action not found."), Result.UNKNOWN),
        (TRPCError("NOT_FOUND", "HTTP 404", enveloped=False), Result.FAILED),
        (TRPCError("CONFLICT", "User is assigned to this event"), Result.ASSIGNED),
        (TRPCError("BAD_REQUEST", "[]"), Result.INVALID),
        (TRPCError("BAD_GATEWAY", "HTTP 502", enveloped=False), Result.FAILED),
    ],
)
def test_judgement(answer: Any, result: Result) -> None:
    assert judge(answer, ACTION).result is result


def test_words_never_hold_a_national_id() -> None:
    assert "4703420631835716" not in judge(TRPCError("BAD_REQUEST", "bad 4703420631835716"), ACTION).words


@pytest.mark.parametrize(
    ("strategy", "profile", "client", "order"),
    [
        ("auto", "2.0", False, (Way.STORED,)),
        ("auto", "1.9", True, (Way.STORED, Way.SYSTEM)),
        ("auto", "2.1", True, (Way.SYSTEM,)),
        ("system", "2.0", True, (Way.SYSTEM,)),
        ("stored-then-system", "2.1", True, (Way.STORED, Way.SYSTEM)),
    ],
)
def test_ways(strategy: str, profile: str, client: bool, order: tuple[Way, ...]) -> None:
    assert ways(strategy, profile, client=client) == order
