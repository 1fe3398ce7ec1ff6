"""What OpenCRVS's answers mean (contract opencrvs §4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.opencrvs.confirmation import ConfirmationResult, Way, judge, ways
from wire.opencrvs.trpc import TRPCError

ACTION = "a1"


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"actions": [{"originalActionId": ACTION, "status": "Accepted"}]}, ConfirmationResult.ACCEPTED),
        ({"actions": [{"originalActionId": ACTION, "status": "Rejected"}]}, ConfirmationResult.REJECTED),
        ({"actions": [{"originalActionId": "other", "status": "Accepted"}]}, ConfirmationResult.UNCHANGED),
        ({}, ConfirmationResult.FAILED),
        (None, ConfirmationResult.FAILED),
        (TRPCError("BAD_REQUEST", "Action has already been rejected."), ConfirmationResult.REJECTED),
        (
            TRPCError("INTERNAL_SERVER_ERROR", "Action has already been accepted."),
            ConfirmationResult.ACCEPTED,
        ),
        (TRPCError("INTERNAL_SERVER_ERROR", "Internal server error"), ConfirmationResult.BROKEN),
        (
            TRPCError("INTERNAL_SERVER_ERROR", "Field with id child.nid not found in event config"),
            ConfirmationResult.UNREADABLE,
        ),
        (
            TRPCError(
                "INTERNAL_SERVER_ERROR",
                'duplicate key value violates unique constraint "event_actions_registration_number_key"',
            ),
            ConfirmationResult.NUMBER_TAKEN,
        ),
        (TRPCError("UNAUTHORIZED", "Expired token", enveloped=False), ConfirmationResult.EXPIRED),
        (TRPCError("FORBIDDEN", "FORBIDDEN"), ConfirmationResult.FORBIDDEN),
        (TRPCError("NOT_FOUND", "Action not found."), ConfirmationResult.UNKNOWN),
        (TRPCError("NOT_FOUND", "HTTP 404", enveloped=False), ConfirmationResult.FAILED),
        (TRPCError("CONFLICT", "User is assigned to this event"), ConfirmationResult.ASSIGNED),
        (TRPCError("BAD_REQUEST", "[]"), ConfirmationResult.INVALID),
        (TRPCError("BAD_GATEWAY", "HTTP 502", enveloped=False), ConfirmationResult.FAILED),
    ],
)
def test_judgement(answer: Any, result: ConfirmationResult) -> None:
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
