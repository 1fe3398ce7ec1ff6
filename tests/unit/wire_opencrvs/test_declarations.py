"""Folding of declarations (contract §6.4): the table, and laws that hold for every history."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_opencrvs.records import act, record
from wire.opencrvs import state
from wire.opencrvs.declarations import without_nulls
from wire.opencrvs.documents import Action
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import declaration

V1_9, V2_0, V2_1 = Profile


def asked(kind: str, number: int, fields: dict[str, Any]) -> Action:
    return act(f"{kind}?", number, declaration=fields)


def answered(kind: str, number: int, to: int, fields: dict[str, Any], **more: Any) -> Action:
    return act(f"{kind}+", number, declaration=fields, originalActionId=f"action-{to}", **more)


DECLARED = [
    asked(
        "DECLARE", 1, {"child.name": {"firstname": "Chanda", "surname": "Mulenga"}, "child.dob": "2026-02-20"}
    ),
    answered("DECLARE", 2, 1, {}),
]
FOLDED = {"child.name": {"firstname": "Chanda", "surname": "Mulenga"}, "child.dob": "2026-02-20"}


def test_an_accepted_action_speaks_with_its_request() -> None:
    assert declaration(record(*DECLARED)) == FOLDED


def test_what_is_only_asked_or_was_refused_counts_for_nothing() -> None:
    pending = asked("REGISTER", 3, {"child.dob": "2026-02-21"})
    refused = act("REGISTER-", 4, declaration={"child.dob": "x"}, originalActionId="action-3")
    assert declaration(record(*DECLARED, pending)) == FOLDED
    assert declaration(record(*DECLARED, pending, refused)) == FOLDED


def test_the_answer_wins_over_the_request_and_objects_merge() -> None:
    event = record(
        *DECLARED,
        asked("REGISTER", 3, {"child.name": {"middlename": "N"}, "child.nid": "1", "list": [1, 2]}),
        answered(
            "REGISTER", 4, 3, {"child.nid": "6041872935", "child.name": {"surname": "Tembo"}, "list": [3]}
        ),
    )
    assert declaration(event) == {
        "child.name": {"firstname": "Chanda", "surname": "Tembo", "middlename": "N"},
        "child.dob": "2026-02-20",
        "child.nid": "6041872935",
        "list": [3],
    }


def test_null_removes_a_field_and_parts_of_one() -> None:
    event = record(
        *DECLARED, act("EDIT", 3, declaration={"child.dob": None, "child.name": {"surname": None}})
    )
    assert declaration(event) == {"child.name": {"firstname": "Chanda"}}


def test_null_in_the_answer_takes_back_what_was_asked() -> None:
    event = record(asked("REGISTER", 1, {"child.nid": "1"}), answered("REGISTER", 2, 1, {"child.nid": None}))
    assert declaration(event) == {}


@pytest.mark.parametrize("kind", ["REQUEST_CORRECTION", "REJECT_CORRECTION", "PRINT_CERTIFICATE"])
def test_actions_that_never_reach_the_declaration(kind: str) -> None:
    assert declaration(record(*DECLARED, act(kind, 3, declaration={"child.dob": "1999-01-01"}))) == FOLDED


def corrected(request_id: str) -> dict[Profile, dict[str, Any]]:
    event = record(
        *DECLARED,
        asked("REQUEST_CORRECTION", 3, {"child.dob": "2026-02-21"}),
        answered("REQUEST_CORRECTION", 4, 3, {}),
        asked("APPROVE_CORRECTION", 5, {}),
        answered("APPROVE_CORRECTION", 6, 5, {"child.nid": "6041872935"}, requestId=request_id),
    )
    return {profile: declaration(event, profile=profile) for profile in Profile}


def test_a_correction_counts_when_approved() -> None:
    assert corrected("action-4") == {
        V1_9: FOLDED | {"child.dob": "2026-02-21"},
        V2_0: FOLDED | {"child.dob": "2026-02-21", "child.nid": "6041872935"},
        V2_1: FOLDED | {"child.dob": "2026-02-21", "child.nid": "6041872935"},
    }


def test_an_approval_that_names_the_requested_action_corrects_nothing() -> None:
    found = corrected("action-3")
    assert found[V1_9] == FOLDED
    assert found[V2_0] == FOLDED | {"child.nid": "6041872935"}


def test_an_unknown_original_is_no_request() -> None:
    assert declaration(record(answered("DECLARE", 2, 99, {"a": 1}))) == {"a": 1}


_fields = st.dictionaries(
    st.sampled_from(["child.name", "child.dob", "child.nid", "list"]),
    st.none()
    | st.sampled_from(["x", "y"])
    | st.lists(st.integers(0, 3), max_size=2)
    | st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 3), max_size=3),
    max_size=3,
)
_kinds = st.sampled_from(["DECLARE", "EDIT", "VALIDATE", "REGISTER", "CUSTOM", "READ", "REQUEST_CORRECTION"])


@st.composite
def histories(draw: st.DrawFn) -> list[Action]:
    """Requests and answers in any order, as the wire allows them."""
    actions: list[Action] = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        kind, fields = draw(_kinds), draw(_fields)
        waiting = [a for a in actions if a["status"] == "Requested"]
        if waiting and draw(st.booleans()):
            to = draw(st.sampled_from(waiting))
            sign = draw(st.sampled_from("+-"))
            actions.append(act(f"{to['type']}{sign}", number, declaration=fields, originalActionId=to["id"]))
        else:
            actions.append(act(kind + draw(st.sampled_from("?+")), number, declaration=fields))
    return actions


@given(histories(), st.sampled_from(Profile))
def test_folding_changes_no_record(actions: list[Action], profile: Profile) -> None:
    event = record(*actions)
    before = deepcopy(event)
    folded = declaration(event, profile=profile)
    folded["more"] = 1
    for value in folded.values():
        if isinstance(value, dict):
            value["more"] = 1
        elif isinstance(value, list):
            value.append(1)
    assert event == before


@given(histories(), _fields, st.sampled_from(Profile))
def test_a_request_alone_never_counts(
    actions: list[Action], fields: dict[str, Any], profile: Profile
) -> None:
    without = declaration(record(*actions), profile=profile)
    pending = [*actions, asked("REGISTER", 50, fields)]
    refused = [*pending, act("REGISTER-", 51, declaration=fields, originalActionId="action-50")]
    assert declaration(record(*pending), profile=profile) == without
    assert declaration(record(*refused), profile=profile) == without


@given(histories(), _fields, _fields)
def test_accepting_is_merging_request_then_answer(
    actions: list[Action], request: dict[str, Any], answer: dict[str, Any]
) -> None:
    event = record(*actions, asked("REGISTER", 50, request), answered("REGISTER", 51, 50, answer))
    before = declaration(record(*actions))
    stepwise = state.merged(before, state.merged(request, answer))
    assert declaration(event) == without_nulls(stepwise)


@given(histories(), _fields)
def test_saying_a_thing_twice_says_it_once(actions: list[Action], fields: dict[str, Any]) -> None:
    once = record(*actions, act("EDIT", 50, declaration=fields))
    twice = record(*actions, act("EDIT", 50, declaration=fields), act("EDIT", 51, declaration=fields))
    assert declaration(once) == declaration(twice)


@given(histories())
def test_no_null_is_left(actions: list[Action]) -> None:
    def nulls(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(nulls, value.values()))
        return value is None

    assert not nulls(declaration(record(*actions)))


@given(histories(), st.sampled_from(["READ", "ASSIGN", "UNASSIGN"]), st.sampled_from(Profile))
def test_reading_and_assigning_say_nothing_of_the_record(
    actions: list[Action], kind: str, profile: Profile
) -> None:
    event = record(*actions)
    looked = record(*actions, act(kind, 50, assignedTo="x"))
    assert declaration(looked, profile=profile) == declaration(event, profile=profile)
    assert state.flags(looked, profile) == state.flags(event, profile)
    assert state.status(looked) == state.status(event)
    assert state.available_actions(looked, profile) == state.available_actions(event, profile)
    for key in ("updatedAt", "updatedBy", "legalStatuses"):
        assert state.index_row(looked, profile).get(key) == state.index_row(event, profile).get(key)
