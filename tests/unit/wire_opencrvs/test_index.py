"""The index row (contract §6.5), with the contract's own record and row."""

from __future__ import annotations

from tests.unit.wire_opencrvs.records import AGENT, OFFICE, REGISTRAR, START, act, record
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import index_row, legal_statuses, potential_duplicates

V1_9, V2_0, V2_1 = Profile
REGISTRAR_OFFICE = "b3d1c2aa-0000-4000-8000-0000000000aa"
BY_REGISTRAR = {
    "createdBy": REGISTRAR,
    "createdByRole": "LOCAL_REGISTRAR",
    "createdAtLocation": REGISTRAR_OFFICE,
}
CHILD = {"child.name": {"firstname": "Chanda", "surname": "Mulenga"}, "child.dob": "2026-02-20"}


def pending_birth() -> EventDocument:
    """The contract's §1.1: declared by one officer, registration asked for by another."""
    event = record(
        act("ASSIGN", 1, assignedTo=AGENT),
        act("DECLARE?", 2, declaration=CHILD, createdAt="2026-03-02T08:20:31.402Z"),
        act("DECLARE+", 3, originalActionId="action-2", createdAt="2026-03-02T08:20:31.660Z"),
        act("UNASSIGN", 4),
        act("ASSIGN", 5, assignedTo=REGISTRAR, **BY_REGISTRAR),
        act("READ", 6, **BY_REGISTRAR),
        act("REGISTER?", 7, createdAt="2026-03-02T09:06:44.512Z", **BY_REGISTRAR),
    )
    event["actions"][0]["createdAt"] = START
    return event


def test_the_contracts_row_of_a_pending_birth() -> None:
    row = index_row(pending_birth(), V2_0, date_of_event_field="child.dob")
    assert row == {
        "id": "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11",
        "type": "birth",
        "status": "DECLARED",
        "flags": ["register:requested"],
        "trackingId": "K7QX2M",
        "createdAt": START,
        "createdBy": AGENT,
        "createdByUserType": "user",
        "createdAtLocation": OFFICE,
        "updatedAt": "2026-03-02T08:20:31.660Z",
        "updatedBy": REGISTRAR,
        "updatedByUserRole": "LOCAL_REGISTRAR",
        "updatedAtLocation": REGISTRAR_OFFICE,
        "assignedTo": REGISTRAR,
        "dateOfEvent": "2026-02-20",
        "potentialDuplicates": [],
        "legalStatuses": {
            "DECLARED": {
                "createdAt": "2026-03-02T08:20:31.402Z",
                "createdBy": AGENT,
                "createdByUserType": "user",
                "createdByRole": "REGISTRATION_AGENT",
                "createdAtLocation": OFFICE,
                "acceptedAt": "2026-03-02T08:20:31.660Z",
            }
        },
        "declaration": CHILD,
    }


def test_in_1_9_a_pending_record_stays_with_the_office_of_the_last_accepted_update() -> None:
    row = index_row(pending_birth(), V1_9)
    assert (row["updatedBy"], row["updatedAtLocation"]) == (AGENT, OFFICE)


def test_an_accepted_action_is_its_askers() -> None:
    event = pending_birth()
    by_machine = {"createdBy": "machine", "createdByRole": "X", "createdByUserType": "system"}
    event["actions"].append(
        act(
            "REGISTER+", 8, originalActionId="action-7", registrationNumber="B1", createdAt="T9", **by_machine
        )
    )
    for profile in Profile:
        row = index_row(event, profile)
        assert (row["updatedAt"], row["updatedBy"], row["updatedAtLocation"]) == (
            "T9",
            REGISTRAR,
            REGISTRAR_OFFICE,
        )
        assert row["legalStatuses"]["REGISTERED"] == {
            "createdAt": "2026-03-02T09:06:44.512Z",
            "createdBy": REGISTRAR,
            "createdByUserType": "user",
            "createdByRole": "LOCAL_REGISTRAR",
            "createdAtLocation": REGISTRAR_OFFICE,
            "acceptedAt": "T9",
            "registrationNumber": "B1",
        }


def test_a_refusal_moves_nothing() -> None:
    event = pending_birth()
    before = index_row(event, V2_0)
    event["actions"].append(act("REGISTER-", 8, originalActionId="action-7"))
    assert index_row(event, V2_0) | {"flags": before["flags"]} == before


def test_two_acceptances_show_the_last() -> None:
    event = record(
        "DECLARE", act("REGISTER", 2, registrationNumber="B1"), act("REGISTER", 3, registrationNumber="B2")
    )
    assert legal_statuses(event)["REGISTERED"]["registrationNumber"] == "B2"


def test_nothing_is_legal_before_it_is_accepted() -> None:
    assert legal_statuses(record("DECLARE?")) == {}


def test_the_date_of_the_event() -> None:
    event = record(act("DECLARE", 1, declaration=CHILD | {"child.note": "x"}))
    row = index_row(event, date_of_event_field="child.dob")
    assert row["dateOfEvent"] == "2026-02-20"
    assert index_row(event)["dateOfEvent"] == "2026-03-02"
    assert "dateOfEvent" not in index_row(event, date_of_event_field="child.note")
    assert "dateOfEvent" not in index_row(event, date_of_event_field="absent")


def test_absent_values_are_left_out() -> None:
    event = record("DECLARE")
    for action in event["actions"]:
        del action["createdByRole"]
        action["createdAtLocation"] = None
    row = index_row(event)
    assert {"assignedTo", "updatedByUserRole", "updatedAtLocation", "createdAtLocation"}.isdisjoint(row)


def test_potential_duplicates_until_somebody_has_looked() -> None:
    found = [{"id": "other", "trackingId": "ABC123"}]
    event = record("DECLARE", act("DUPLICATE_DETECTED", 2, content={"duplicates": found}))
    assert potential_duplicates(event) == found
    assert index_row(event)["updatedAt"] == "2026-03-02T08:01:00.000Z"
    event["actions"].append(act("MARK_AS_NOT_DUPLICATE", 3))
    assert potential_duplicates(event) == []
    assert potential_duplicates(record("DECLARE")) == []
