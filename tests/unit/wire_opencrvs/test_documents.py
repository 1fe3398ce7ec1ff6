"""What is found in a record."""

from __future__ import annotations

from tests.unit.wire_opencrvs.records import history
from wire.opencrvs.documents import (
    confirmation_of,
    find_action,
    repeated_action,
)

DECLARED = "DECLARE? DECLARE+ UNASSIGN"


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
