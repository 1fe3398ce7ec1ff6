"""Status, holder, number and pending action, by the tables of the contract (§6.1)."""

from __future__ import annotations

import pytest

from tests.unit.wire_opencrvs.records import act, history, record
from wire.opencrvs import state
from wire.opencrvs.documents import (
    Status,
)

DECLARED = "DECLARE? DECLARE+ UNASSIGN"
VALIDATED = f"{DECLARED} VALIDATE? VALIDATE+"
REGISTERED = f"{DECLARED} REGISTER? REGISTER+"


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        ("", Status.CREATED),
        ("ASSIGN READ", Status.CREATED),
        ("NOTIFY", Status.NOTIFIED),
        ("DECLARE?", Status.CREATED),
        ("DECLARE? DECLARE-", Status.CREATED),
        (DECLARED, Status.DECLARED),
        (f"{DECLARED} REJECT? REJECT+", Status.DECLARED),
        (VALIDATED, Status.VALIDATED),
        (f"{DECLARED} REGISTER?", Status.DECLARED),
        (f"{DECLARED} REGISTER? REGISTER-", Status.DECLARED),
        (REGISTERED, Status.REGISTERED),
        (f"{REGISTERED} PRINT_CERTIFICATE REQUEST_CORRECTION APPROVE_CORRECTION CUSTOM", Status.REGISTERED),
        (f"{DECLARED} MARK_AS_DUPLICATE ARCHIVE", Status.ARCHIVED),
    ],
)
def test_status(actions: str, status: Status) -> None:
    assert state.status(history(actions)) is status


def test_the_one_pending_action() -> None:
    event = history(f"{DECLARED} REGISTER? REGISTER- UNASSIGN ASSIGN REGISTER?")
    assert state.pending_action(event)["id"] == "action-8"
    assert [a["id"] for a in state.pending_actions(event)] == ["action-8"]


def test_no_pending_action_or_two_are_told() -> None:
    with pytest.raises(state.NotOnePending, match=r"Expected exactly one pending action, but found $"):
        state.pending_action(history(DECLARED))
    with pytest.raises(state.NotOnePending, match=r"but found action-1, action-2$") as told:
        state.pending_action(history("DECLARE? NOTIFY?"))
    assert [a["type"] for a in told.value.pending] == ["DECLARE", "NOTIFY"]


def test_assignment_is_the_last_word() -> None:
    assert state.assigned_to(history("")) is None
    event = record(act("ASSIGN", 1, assignedTo="a"), act("READ", 2))
    assert state.assigned_to(event) == "a"
    event["actions"].append(act("UNASSIGN", 3))
    assert state.assigned_to(event) is None
    event["actions"].append(act("ASSIGN", 4, assignedTo="b"))
    assert state.assigned_to(event) == "b"


def test_the_registration_number_is_the_last_accepted_one() -> None:
    first = act("REGISTER", 1, registrationNumber="B1")
    second = act("REGISTER", 2, registrationNumber="B2")
    refused = act("REGISTER-", 3)
    assert state.registration_number(history("REGISTER?")) is None
    assert state.registration_number(record(first, second, refused)) == "B2"
