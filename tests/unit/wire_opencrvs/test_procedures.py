"""Names and inputs that clients and the mock share (contract §4)."""

from __future__ import annotations

import pytest

from wire.opencrvs import procedures
from wire.opencrvs.documents import ActionType
from wire.opencrvs.procedures import TRIGGERING_ACTIONS, accept_input, action_procedure, reject_input
from wire.opencrvs.profiles import Profile


@pytest.mark.parametrize(
    ("action", "path"),
    [
        ("REGISTER", "event.actions.register.accept"),
        ("PRINT_CERTIFICATE", "event.actions.printCertificate.accept"),
        ("REQUEST_CORRECTION", "event.actions.correction.request.accept"),
    ],
)
def test_names(action: str, path: str) -> None:
    assert action_procedure(action, "accept") == path


def test_every_action_that_triggers_is_one_of_core() -> None:
    assert set(ActionType) >= TRIGGERING_ACTIONS


def test_inputs() -> None:
    ids = {"event_id": "e", "action_id": "a", "transaction_id": "t"}
    assert list(accept_input(**ids, declaration={}, registration_number="B1")) == [
        "transactionId",
        "eventId",
        "actionId",
        "registrationNumber",
        "declaration",
    ]
    assert accept_input(**ids, declaration={"x": 1}, annotation={"y": 2}) == {
        "transactionId": "t",
        "eventId": "e",
        "actionId": "a",
        "declaration": {"x": 1},
        "annotation": {"y": 2},
    }
    assert reject_input(**ids) == {"transactionId": "t", "eventId": "e", "actionId": "a"}
    assert procedures.event_get_input("e", Profile.V1_9) == "e"
    assert procedures.event_get_input("e", Profile.V2_1) == {"eventId": "e"}
    assert procedures.trigger_path("birth", "REGISTER") == "/trigger/events/birth/actions/REGISTER"
