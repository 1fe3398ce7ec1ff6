"""What a correction means for the ID system (contract mosip §11.7): a first identity, a change, nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.country.corrections import correction_of, declared
from tests.unit.wire_opencrvs.records import act, record
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile

NID = "child.nid"
NAME = {"firstname": "Chanda", "surname": "Mulenga"}
OTHER = {"firstname": "Chanda", "surname": "Banda"}
V2_0 = Profile.V2_0


def corrected(before: dict[str, Any], change: dict[str, Any], **event: Any) -> EventDocument:
    """A registered record, a correction of it that was asked for, and its approval, which waits."""
    return (
        record(
            act("DECLARE", 1, declaration={"child.name": NAME, "child.dob": "2026-02-20", **before}),
            act("REGISTER", 2),
            act("REQUEST_CORRECTION", 3, declaration=change),
            act("APPROVE_CORRECTION?", 4, requestId="action-3"),
        )
        | event
    )


@pytest.mark.parametrize(
    ("before", "change", "kind"),
    [
        ({}, {"child.name": OTHER}, "birth"),
        ({}, {"mother.occupation": "farmer"}, "birth"),
        ({NID: "4238670978"}, {"child.name": OTHER}, "update"),
        ({NID: "4238670978"}, {"child.dob": "2026-02-21"}, "update"),
        ({NID: "4238670978"}, {"child.gender": "female"}, "update"),
        # a record that has a national ID never gets a second one
        ({NID: "4238670978"}, {"child.name": NAME}, None),
        ({NID: "4238670978"}, {"mother.occupation": "farmer"}, None),
    ],
)
def test_a_correction_makes_changes_or_concerns_no_identity(
    before: dict[str, Any], change: dict[str, Any], kind: str | None
) -> None:
    found = correction_of(corrected(before, change), "action-4", NID, V2_0)
    assert (found.kind if found else None) == kind
    if found is not None:
        assert (found.action_id, found.request_id) == ("action-4", "action-3")
        assert found.declaration == {"child.name": NAME, "child.dob": "2026-02-20", **before, **change}


@pytest.mark.parametrize(
    ("event", "claimed", "field"),
    [
        (corrected({}, {}, type="death"), "action-4", NID),
        (corrected({}, {}), "action-4", None),
        (corrected({}, {}), "action-3", NID),
        (record("DECLARE", "REGISTER?"), "action-2", NID),
        (record("DECLARE", "REGISTER", act("APPROVE_CORRECTION?", 3)), "action-3", NID),
        (record("DECLARE", "REGISTER", act("APPROVE_CORRECTION?", 3, requestId="gone")), "action-3", NID),
    ],
    ids=["death", "no field", "another action", "none waits", "names no request", "unknown request"],
)
def test_what_is_no_correction_of_a_birth(event: EventDocument, claimed: str, field: str | None) -> None:
    assert correction_of(event, claimed, field, V2_0) is None


def test_in_2_1_the_approval_names_a_requested_action_that_holds_what_is_asked() -> None:
    event = record(
        act("DECLARE", 1, declaration={"child.name": NAME}),
        act("REGISTER", 2),
        act("REQUEST_CORRECTION?", 3, declaration={"child.name": OTHER}),
        act("REQUEST_CORRECTION", 4, originalActionId="action-3", declaration={}),
        act("APPROVE_CORRECTION?", 5, requestId="action-4"),
    )
    found = correction_of(event, "action-5", NID, Profile.V2_1)
    assert found is not None and found.declaration["child.name"] == OTHER


def test_a_record_as_it_will_stand_with_an_action() -> None:
    event = record(
        act("DECLARE", 1, declaration={"child.name": NAME, "child.dob": "2026-02-20"}),
        act("REGISTER?", 2, declaration={"child.dob": "2026-02-21"}),
    )
    assert declared(event, event["actions"][-1], V2_0) == {"child.name": NAME, "child.dob": "2026-02-21"}
    assert declared(event, None, V2_0) == {"child.name": NAME, "child.dob": "2026-02-20"}
