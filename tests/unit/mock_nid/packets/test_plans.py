"""Plans: their text and object forms, the order in which they are found, weights, magic words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_nid.packets.plans import (
    MAGIC_WORDS,
    Plan,
    PlannedOutcome,
    PlanRefused,
    magic_plan,
    plan_from,
    weighted_from,
)
from testbed.faults import FaultKind
from wire.world import World


@pytest.mark.parametrize(
    ("value", "plan"),
    [
        ("issue", Plan()),
        ("issue@60", Plan(after=60.0)),
        ("reject:duplicate person", Plan(PlannedOutcome.REJECT, reason="duplicate person")),
        ("fail:RPR-PKV-FAILED-012@5", Plan(PlannedOutcome.FAIL, code="RPR-PKV-FAILED-012", after=5.0)),
        (
            {"outcome": "stall", "stage": "UinGeneratorStage"},
            Plan(PlannedOutcome.STALL, stage="UinGeneratorStage"),
        ),
        ({"copies": 3, "gap": 2, "forge": "tampered"}, Plan(copies=3, gap=2.0, forge=FaultKind.TAMPERED)),
    ],
)
def test_plans_are_read(value: Any, plan: Plan) -> None:
    assert plan_from(value) == plan
    assert plan_from(plan.described()) == plan


@pytest.mark.parametrize(
    "value",
    [
        "maybe",
        "",
        "issue@soon",
        3,
        None,
        {"outcome": "x"},
        {"what": 1},
        {"copies": 0},
        {"copies": 1.5},
        {"after": -1},
        {"after": "1"},
        {"delay": "soon"},
        {"delay": []},
        {"lost": "yes"},
        {"forge": "x"},
        {"reason": 1},
        {"outcome": []},
        {"stage": "NoSuchStage"},
        {"outcome": "stall", "stage": "uingeneratorstage"},
        {"outcome": "fail", "stage": "IntroducerValidatorStage"},
        {"outcome": "fail", "code": "RPR-CMD-FAILED-999"},
        "fail:RPR-CMD-FAILED-999@5",
    ],
)
def test_what_is_no_plan_is_refused(value: Any) -> None:
    with pytest.raises(PlanRefused):
        plan_from(value)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists)
    | st.dictionaries(st.text(), st.text())
)
def test_no_input_breaks_the_reader(value: Any) -> None:
    try:
        plan_from(value)
        weighted_from(value)
    except PlanRefused:
        pass


def test_weights() -> None:
    chance = World.virtual(seed=3).chance
    both = weighted_from("issue=3,reject:no=1")
    drawn = [both.pick(chance).outcome for _ in range(400)]
    assert 60 < drawn.count(PlannedOutcome.REJECT) < 140
    assert weighted_from([{"weight": 1, "plan": "stall"}]).pick(chance) == Plan(PlannedOutcome.STALL)
    for wrong in ("issue=-1", "issue=x", [], [{"weight": 0, "plan": "issue"}], [{"weight": 1}]):
        with pytest.raises(PlanRefused):
            weighted_from(wrong)


@pytest.mark.parametrize("word", MAGIC_WORDS)
def test_magic_words_stand_anywhere_in_a_name_but_only_whole(word: str) -> None:
    assert magic_plan(f"Chanda {word.upper()} Mulenga") == MAGIC_WORDS[word]
    assert magic_plan(f"Chanda {word}son") is None
