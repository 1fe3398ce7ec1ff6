"""The transition table, whole."""

from __future__ import annotations

from bridge.registration import DESTINATION, FINAL, TRANSITIONS, Act, State, Task, allowed_from


def test_nothing_leaves_a_final_state_but_the_same_question_asked_anew() -> None:
    leaving = {(act, end) for act, (starts, end) in TRANSITIONS.items() if not starts.isdisjoint(FINAL)}
    assert leaving == {(Act.ASK_AGAIN, State.STUCK)}


def test_every_pending_state_can_reach_an_end() -> None:
    ends = set(FINAL)
    while True:
        more = {start for starts, end in TRANSITIONS.values() if end in ends for start in starts} - ends
        if not more:
            break
        ends |= more
    assert ends == set(State)


def test_everything_that_waits_can_get_stuck_and_nothing_that_is_settled() -> None:
    assert allowed_from(Act.GIVE_UP) == set(State) - FINAL - {State.STUCK}


def test_every_task_has_a_destination() -> None:
    assert set(DESTINATION) == set(Task)
