"""Available actions, by the tables of the contract (§6.3)."""

from __future__ import annotations

import pytest

from tests.unit.wire_opencrvs.records import history
from wire.opencrvs import state
from wire.opencrvs.profiles import Profile

V1_9, V2_0, V2_1 = Profile
DECLARED = "DECLARE? DECLARE+ UNASSIGN"
VALIDATED = f"{DECLARED} VALIDATE? VALIDATE+"
REGISTERED = f"{DECLARED} REGISTER? REGISTER+"


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
