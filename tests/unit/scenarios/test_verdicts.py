"""How a broken promise is told."""

from __future__ import annotations

import pytest

from scenarios.judging.verdicts import ONCE, PROMISES, Breach, Ruling, Verdict, told


def test_a_broken_promise_is_told_with_record_and_evidence() -> None:
    verdict = Verdict(
        ONCE, Ruling.BROKEN, "1 record", (Breach("birth T", "was registered twice", ("a", "b")),)
    )
    first, second, *evidence = told(verdict)
    assert "promise 2 is broken" in first and ONCE.text in first
    assert "birth T: was registered twice" in second
    assert [line.strip() for line in evidence] == ["· a", "· b"]


@pytest.mark.parametrize("ruling", Ruling)
def test_what_could_not_be_judged_was_not_kept(ruling: Ruling) -> None:
    assert Verdict(ONCE, ruling, "").kept is (ruling is Ruling.KEPT)


def test_promises_are_numbered_in_their_order() -> None:
    assert [promise.number for promise in PROMISES] == [1, 2, 3, 4, 5]
