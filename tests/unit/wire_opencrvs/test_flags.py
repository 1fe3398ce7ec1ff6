"""Flags, by the tables of the contract (§6.2)."""

from __future__ import annotations

import pytest

from tests.unit.wire_opencrvs.records import history
from wire.opencrvs import state
from wire.opencrvs.profiles import Profile

V1_9, V2_0, V2_1 = Profile
DECLARED = "DECLARE? DECLARE+ UNASSIGN"


REGISTERED = f"{DECLARED} REGISTER? REGISTER+"


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
