"""Status, flags, pending action and available actions, by the tables of the contract (§6.1–6.3)."""

from __future__ import annotations

import pytest

from tests.unit.wire_opencrvs.records import act, history, record
from wire.opencrvs import state
from wire.opencrvs.documents import (
    Status,
    confirmation_of,
    find_action,
    repeated_action,
)
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import FlagRule

V1_9, V2_0, V2_1 = Profile
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


@pytest.mark.parametrize(
    ("actions", "in_1_9", "in_2_0"),
    [
        ("", [], []),
        ("DECLARE?", ["declare:requested"], ["declare:requested"]),
        (DECLARED, [], []),
        (f"{DECLARED} ASSIGN READ REGISTER?", ["register:requested"], ["register:requested"]),
        (REGISTERED, ["pending-certification"], []),
        (f"{DECLARED} REGISTER? REGISTER- UNASSIGN", ["register:rejected"], ["register:rejected"]),
        (f"{DECLARED} REGISTER? REGISTER- REGISTER?", ["register:requested"], ["register:requested"]),
        (f"{REGISTERED} REGISTER-", ["register:rejected", "pending-certification"], ["register:rejected"]),
        (f"{REGISTERED} PRINT_CERTIFICATE", [], []),
        (
            f"{REGISTERED} PRINT_CERTIFICATE?",
            ["print_certificate:requested"],
            ["print_certificate:requested"],
        ),
        (
            f"{REGISTERED} PRINT_CERTIFICATE REQUEST_CORRECTION",
            ["correction-requested"],
            ["correction-requested"],
        ),
        (
            f"{REGISTERED} PRINT_CERTIFICATE REQUEST_CORRECTION APPROVE_CORRECTION",
            ["pending-certification"],
            [],
        ),
        (f"{REGISTERED} PRINT_CERTIFICATE REQUEST_CORRECTION REJECT_CORRECTION", [], []),
        (
            f"{REGISTERED} PRINT_CERTIFICATE REQUEST_CORRECTION?",
            ["request_correction:requested"],
            ["request_correction:requested"],
        ),
        (
            f"{REGISTERED} PRINT_CERTIFICATE REQUEST_CORRECTION APPROVE_CORRECTION? APPROVE_CORRECTION-",
            # 1.9 looks at the type alone here: a refused approval asks for certification again
            ["approve_correction:rejected", "pending-certification", "correction-requested"],
            ["approve_correction:rejected", "correction-requested"],
        ),
        ("NOTIFY", ["incomplete"], ["incomplete"]),
        ("NOTIFY REJECT", ["incomplete", "rejected"], ["incomplete", "rejected"]),
        ("NOTIFY REJECT UNASSIGN READ", ["incomplete", "rejected"], ["incomplete", "rejected"]),
        (f"{DECLARED} REJECT?", ["reject:requested", "rejected"], ["reject:requested"]),
        (f"{DECLARED} REJECT DECLARE? DECLARE+", [], []),
        (f"{DECLARED} REJECT ARCHIVE", [], ["rejected"]),
        (f"{DECLARED} REJECT CUSTOM", [], ["rejected"]),
        (f"{DECLARED} DUPLICATE_DETECTED", ["potential-duplicate"], ["potential-duplicate"]),
        (f"{DECLARED} DUPLICATE_DETECTED MARK_AS_NOT_DUPLICATE", [], []),
        (f"{DECLARED} DUPLICATE_DETECTED MARK_AS_DUPLICATE", [], []),
        (f"{DECLARED} EDIT", [], ["edit-in-progress"]),
        (f"{DECLARED} EDIT DECLARE", [], []),
        (
            f"{DECLARED} REGISTER? REGISTER- REJECT? REJECT+ ARCHIVE? PRINT_CERTIFICATE-",
            ["register:rejected", "archive:requested", "print_certificate:rejected"],
            ["register:rejected", "archive:requested", "print_certificate:rejected", "rejected"],
        ),
    ],
)
def test_flags(actions: str, in_1_9: list[str], in_2_0: list[str]) -> None:
    event = history(actions)
    assert state.flags(event, V1_9) == in_1_9
    assert state.flags(event, V2_0) == in_2_0
    assert state.flags(event, V2_1) == in_2_0


FARAJALAND = (
    FlagRule("validated", "DECLARE", roles=frozenset({"LOCAL_REGISTRAR"})),
    FlagRule("validated", "CUSTOM", custom_action="VALIDATE_DECLARATION"),
    FlagRule("validated", "REGISTER", adds=False),
    FlagRule("pending-first-certificate-issuance", "REGISTER"),
    FlagRule("pending-first-certificate-issuance", "PRINT_CERTIFICATE", adds=False),
)


def test_a_countrys_own_flags_come_last_and_only_since_2_0() -> None:
    validated = act("CUSTOM", 3, customActionType="VALIDATE_DECLARATION")
    event = record("DECLARE?", "DECLARE+", validated, "REGISTER?")
    assert state.flags(event, V2_0, rules=FARAJALAND) == ["register:requested", "validated"]
    assert state.flags(event, V1_9, rules=FARAJALAND) == ["register:requested"]
    event["actions"].append(act("REGISTER", 5))
    assert state.flags(event, V2_0, rules=FARAJALAND) == ["pending-first-certificate-issuance"]
    event["actions"].append(act("PRINT_CERTIFICATE", 6))
    assert state.flags(event, V2_0, rules=FARAJALAND) == []


def test_a_rule_for_roles_or_one_custom_action_speaks_of_no_other() -> None:
    declared = act("DECLARE", 1, createdByRole="LOCAL_REGISTRAR")
    assert state.flags(record(declared), rules=FARAJALAND) == ["validated"]
    assert state.flags(history("DECLARE CUSTOM"), rules=FARAJALAND) == []


@pytest.mark.parametrize(
    ("actions", "in_1_9", "in_2_0"),
    [
        ("", "READ DECLARE NOTIFY DELETE", "READ DECLARE NOTIFY DELETE CUSTOM"),
        ("DECLARE?", "READ DECLARE NOTIFY DELETE", "READ DECLARE NOTIFY DELETE"),
        ("NOTIFY", "READ DECLARE ARCHIVE REJECT", "READ EDIT ARCHIVE REJECT CUSTOM"),
        (DECLARED, "READ VALIDATE ARCHIVE REJECT", "READ REGISTER ARCHIVE REJECT CUSTOM EDIT"),
        (f"{DECLARED} REGISTER?", "READ", "READ"),
        (
            f"{DECLARED} REGISTER? REGISTER-",
            "READ VALIDATE ARCHIVE REJECT",
            "READ REGISTER ARCHIVE REJECT CUSTOM EDIT",
        ),
        (
            f"{DECLARED} DUPLICATE_DETECTED",
            "READ MARK_AS_DUPLICATE ARCHIVE REJECT",
            "READ MARK_AS_DUPLICATE ARCHIVE REJECT CUSTOM",
        ),
        (f"{DECLARED} REJECT", "READ DECLARE NOTIFY ARCHIVE", "READ NOTIFY CUSTOM EDIT ARCHIVE"),
        ("NOTIFY REJECT", "READ DECLARE NOTIFY ARCHIVE", "READ NOTIFY CUSTOM EDIT ARCHIVE"),
        (
            REGISTERED,
            "READ PRINT_CERTIFICATE REQUEST_CORRECTION",
            "READ PRINT_CERTIFICATE REQUEST_CORRECTION CUSTOM",
        ),
        (
            f"{REGISTERED} REQUEST_CORRECTION",
            "READ APPROVE_CORRECTION REJECT_CORRECTION REVIEW_CORRECTION_REQUEST",
            "READ APPROVE_CORRECTION REJECT_CORRECTION CUSTOM REVIEW_CORRECTION_REQUEST",
        ),
        (f"{REGISTERED} REQUEST_CORRECTION?", "READ", "READ"),
        (f"{DECLARED} ARCHIVE", "READ ASSIGN UNASSIGN", "READ CUSTOM"),
    ],
)
def test_available_actions(actions: str, in_1_9: str, in_2_0: str) -> None:
    event = history(actions)
    assert " ".join(state.available_actions(event, V1_9)) == in_1_9
    assert " ".join(state.available_actions(event, V2_0)) == in_2_0
    known = state.flags(event, V2_0)
    assert state.available_actions(event, V2_0, known_flags=known) == state.available_actions(event, V2_0)


def test_available_actions_after_validation_and_during_an_edit() -> None:
    assert state.available_actions(history(VALIDATED), V1_9) == ["READ", "REGISTER", "ARCHIVE", "REJECT"]
    assert state.available_actions(history(f"{VALIDATED} REJECT"), V1_9) == ["READ", "VALIDATE", "ARCHIVE"]
    assert state.available_actions(history(f"{DECLARED} EDIT"), V2_0) == ["NOTIFY", "DECLARE", "REGISTER"]


def test_the_one_pending_action() -> None:
    event = history(f"{DECLARED} REGISTER? REGISTER- UNASSIGN ASSIGN REGISTER?")
    assert state.pending_action(event)["id"] == "action-8"
    assert [a["id"] for a in state.pending_actions(event)] == ["action-8"]
    assert not state.is_confirmed(event, "action-8")
    assert state.is_confirmed(event, "action-4")


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


def test_finders() -> None:
    event = history(f"{DECLARED} REGISTER? REGISTER+ READ")
    asked = find_action(event, "action-4")
    assert asked is not None
    assert asked["type"] == "REGISTER"
    assert find_action(event, "nope") is None
    assert confirmation_of(event, "action-4") is event["actions"][5]
    assert confirmation_of(event, "action-5") is None
    assert repeated_action(event, "REGISTER", "transaction-4") is asked
    assert repeated_action(event, "DECLARE", "transaction-4") is None
