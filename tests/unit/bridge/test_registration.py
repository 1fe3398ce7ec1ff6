"""The transition table, whole."""

from __future__ import annotations

import pytest

from bridge.registration import (
    ADVICE,
    DESTINATION,
    FINAL,
    TRANSITIONS,
    Act,
    State,
    Stuck,
    Task,
    after,
    allowed_from,
)


def test_nothing_leaves_a_final_state_but_the_same_question_asked_anew() -> None:
    leaving = {
        (act, end) for act, moves in TRANSITIONS.items() for state, end in moves.items() if state in FINAL
    }
    assert leaving == {(Act.ASK_AGAIN, State.STUCK)}


def test_every_pending_state_can_reach_an_end() -> None:
    ends = set(FINAL)
    while True:
        more = {start for moves in TRANSITIONS.values() for start, end in moves.items() if end in ends} - ends
        if not more:
            break
        ends |= more
    assert ends == set(State)


def test_everything_that_waits_can_get_stuck_and_nothing_that_is_settled() -> None:
    assert allowed_from(Act.GIVE_UP) == set(State) - FINAL - {State.STUCK}


@pytest.mark.parametrize("act", Act)
def test_an_act_leads_to_one_state_from_wherever_it_may_happen(act: Act) -> None:
    assert {after(act)} == set(TRANSITIONS[act].values())


def test_every_stuck_reason_tells_what_to_do_and_every_task_has_a_destination() -> None:
    assert set(ADVICE) == set(Stuck)
    assert all(len(text) > 20 for text in ADVICE.values())
    assert set(DESTINATION) == set(Task)
