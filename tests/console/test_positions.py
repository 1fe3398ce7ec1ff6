"""Where a record is, and what can be done with it: three views side by side."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.console.positions import STAGES, Position, abilities, identity_change, place, shown
from tests.console.samples import (
    REGISTERED,
    REJECTED,
    REQUESTED,
    action,
    document,
    entry,
    packet,
)
from wire.opencrvs.profiles import Profile

WAITING = document(REQUESTED)


@pytest.mark.parametrize(
    ("doc", "row", "packet_row", "expected"),
    [
        pytest.param(document(), None, None, Position("opencrvs", "declared"), id="declared"),
        pytest.param(WAITING, entry("QUEUED"), None, Position("bridge", "queued"), id="queued"),
        pytest.param(
            WAITING,
            entry("QUEUED", lastError="reset"),
            None,
            Position("bridge", "queued-trouble", True),
            id="cut",
        ),
        pytest.param(WAITING, entry("SUBMITTED"), packet(), Position("nid", "processing"), id="processing"),
        pytest.param(WAITING, entry("SUBMITTED"), None, Position("nid", "processing"), id="nid not readable"),
        pytest.param(
            WAITING,
            entry("SUBMITTED"),
            packet("REPROCESS", stalled=True, planSource="queue"),
            Position("nid", "processing"),
            id="waits for a decision",
        ),
        pytest.param(
            WAITING,
            entry("SUBMITTED"),
            packet("REPROCESS", stalled=True, planSource="admin"),
            Position("nid", "silent"),
            id="keeps silent",
        ),
        pytest.param(
            WAITING, entry("SUBMITTED"), packet("PROCESSED"), Position("nid", "decided"), id="decided"
        ),
        pytest.param(
            WAITING, entry("ISSUED"), packet("PROCESSED"), Position("bridge", "answered"), id="answered"
        ),
        pytest.param(
            WAITING,
            entry("ISSUED", lastError="reset"),
            packet("PROCESSED"),
            Position("bridge", "answered-trouble", True),
            id="cannot be confirmed",
        ),
        pytest.param(WAITING, entry("STUCK"), packet(), Position("bridge", "stuck", True), id="stuck"),
        pytest.param(WAITING, None, None, Position("opencrvs", "forgotten", True), id="forgotten"),
        pytest.param(WAITING, None, packet(), Position("nid", "processing"), id="only the ID system knows"),
        pytest.param(
            document(REQUESTED, REGISTERED),
            None,
            packet("PROCESSED"),
            Position("opencrvs", "registered"),
            id="done",
        ),
        pytest.param(
            document(REQUESTED, REJECTED), None, None, Position("opencrvs", "rejected", True), id="no"
        ),
    ],
)
def test_a_record_is_where_something_has_to_happen_next(
    doc: Any, row: Any, packet_row: Any, expected: Position
) -> None:
    found = place(shown(doc, Profile.V2_0), row, packet_row, bridge_known=True)
    assert found == expected
    assert found.stage in STAGES


def test_while_the_bridge_is_away_nobody_can_say_where_the_record_is() -> None:
    assert place(shown(WAITING, Profile.V2_0), None, None, bridge_known=False).stage == "unseen"


def test_a_question_under_way_is_no_lost_record() -> None:
    asked = place(shown(WAITING, Profile.V2_0), None, None, bridge_known=True, asking=True)
    assert asked == Position("bridge", "asked")


def test_the_room_sees_the_number_but_only_the_end_of_the_national_id() -> None:
    seen = shown(document(REQUESTED, REGISTERED), Profile.V2_0)
    assert (seen.name, seen.number, seen.national_id) == ("Chanda Mulenga", "2026BK7QX2M", "9137")


def test_the_reason_of_a_rejection_is_shown() -> None:
    assert shown(document(REQUESTED, REJECTED), Profile.V2_0).reason == "Known already"


@pytest.mark.parametrize(
    ("doc", "row", "packet_row", "expected"),
    [
        (document(), None, None, ["register"]),
        (
            WAITING,
            entry("SUBMITTED", remedies=["reject"]),
            packet(),
            ["issue", "reject", "stall", "operator-reject"],
        ),
        (
            WAITING,
            entry("STUCK", remedies=["retry", "reject"]),
            None,
            ["operator-retry", "operator-reject"],
        ),
        (document(REQUESTED, REGISTERED), None, packet("PROCESSED", vid="1"), ["again"]),
        (document(REQUESTED, REJECTED), None, packet("REJECTED"), ["register"]),
        (document(REQUESTED, REJECTED, action("REJECT")), None, packet("REJECTED"), ["register"]),
    ],
)
def test_only_what_is_possible_is_offered(doc: Any, row: Any, packet_row: Any, expected: list[str]) -> None:
    seen = shown(doc, Profile.V2_0)
    where = place(seen, row, packet_row, bridge_known=True)
    assert abilities(seen, where, row, packet_row) == expected


def case(wish: str, decision: str = "approved") -> dict[str, str]:
    return {"uin": "7", "wish": wish, "decision": decision}


@pytest.mark.parametrize(
    ("event_type", "later", "cases", "wish"),
    [
        ("birth", [REQUESTED], [], None),
        ("birth", [REQUESTED, REGISTERED], [], "deactivate"),
        ("birth", [REQUESTED, REGISTERED], [{**case("deactivate", ""), "uin": "8"}], "deactivate"),
        ("birth", [REQUESTED, REGISTERED], [case("deactivate", "")], None),
        ("birth", [REQUESTED, REGISTERED], [case("deactivate", "rejected")], "deactivate"),
        ("birth", [REQUESTED, REGISTERED], [case("deactivate")], "reactivate"),
        (
            "birth",
            [REQUESTED, REGISTERED],
            [case("deactivate"), case("reactivate", "rejected")],
            "reactivate",
        ),
        ("birth", [REQUESTED, REGISTERED], [case("deactivate"), case("reactivate")], "deactivate"),
        ("death", [REQUESTED, REGISTERED], [], "reverse-death"),
        ("death", [REQUESTED, REGISTERED], [case("reverse-death")], None),
    ],
)
def test_what_may_be_asked_about_an_identity(
    event_type: str, later: list[Any], cases: list[Any], wish: str | None
) -> None:
    seen = shown(document(*later), Profile.V2_0)
    assert identity_change(event_type, seen, packet("PROCESSED", uin="7"), cases) == wish
    assert identity_change(event_type, seen, packet("PROCESSED", uin=None), cases) is None
