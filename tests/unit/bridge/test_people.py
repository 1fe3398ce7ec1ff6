"""Whom the ID system is asked about, and what its verdicts make of an action."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.country.people import (
    PersonAsked,
    PersonVerdict,
    Reason,
    VerificationNeed,
    asked_about,
    open_needs,
    verified,
)

NAMES = ("firstname", "middlename", "surname")
MUST, IF_KNOWN, MAY = VerificationNeed.MUST, VerificationNeed.IF_KNOWN, VerificationNeed.MAY
NAME = {"firstname": " Amara ", "surname": "Okonjo", "middlename": None}
AMARA = PersonAsked("4238670978", "1991-02-28", "Amara Okonjo", None, "mother")
TOLD = {"mother.nid": "4238670978", "mother.dob": "1991-02-28", "mother.name": NAME}


@pytest.mark.parametrize(
    ("declared", "asked"),
    [
        (TOLD, [AMARA]),
        (TOLD | {"mother.verified": "failed"}, [AMARA]),
        (TOLD | {"mother.verified": "authenticated"}, []),
        (TOLD | {"mother.nid": " "}, []),
        (TOLD | {"mother.nid": 4238670978}, []),
        (
            {"mother.nid": "1", "mother.name": "x", "mother.dob": 7},
            [PersonAsked("1", "", "", None, "mother")],
        ),
        ({"mother.nid": "1", "mother.dob": "1991-02-30"}, [PersonAsked("1", "", "", None, "mother")]),
        ({"mother.nid": "1", "mother.dob": "1991-W09-4"}, [PersonAsked("1", "", "", None, "mother")]),
    ],
)
def test_who_has_a_number_and_was_not_at_esignet_is_asked_about(
    declared: dict[str, Any], asked: list[PersonAsked]
) -> None:
    assert asked_about({"mother": MAY}, declared, NAMES) == asked


@pytest.mark.parametrize(
    ("need", "declared", "is_open"),
    [
        (MUST, {}, True),
        (IF_KNOWN, {}, False),
        (MAY, {}, False),
        (MAY, {"mother.nid": "1"}, True),
        (MUST, {"mother.nid": "1", "mother.verified": "authenticated"}, False),
    ],
)
def test_about_whom_there_is_something_to_say(
    need: VerificationNeed, declared: dict[str, Any], is_open: bool
) -> None:
    assert bool(open_needs({"mother": need}, declared)) is is_open


@pytest.mark.parametrize(
    ("need", "reasons", "counts_for", "field", "refused"),
    [
        (MUST, (), (), "verified", []),
        (MUST, (Reason.NAME_MISMATCH, Reason.DOB_MISMATCH), (), "failed", ["NAME_MISMATCH", "DOB_MISMATCH"]),
        (IF_KNOWN, (Reason.UNKNOWN,), (), "failed", ["UNKNOWN"]),
        (MAY, (Reason.UNKNOWN,), (), "failed", []),
        # a dead mother may still be a mother
        (MUST, (Reason.DEACTIVATED,), ("mother",), "verified", []),
        (MUST, (Reason.DEACTIVATED,), ("father",), "failed", ["DEACTIVATED"]),
        (
            MUST,
            (Reason.DEACTIVATED, Reason.NAME_MISMATCH),
            ("mother",),
            "failed",
            ["DEACTIVATED", "NAME_MISMATCH"],
        ),
        (MUST, None, (), "pending", []),
    ],
)
def test_what_a_verdict_makes_of_an_action(
    need: VerificationNeed,
    reasons: tuple[Reason, ...] | None,
    counts_for: tuple[str, ...],
    field: str,
    refused: list[str],
) -> None:
    verdicts = {} if reasons is None else {AMARA.print: PersonVerdict(reasons)}
    found = verified({"mother": need}, [AMARA], verdicts, counts_for)
    assert found.fields == {"mother.verified": field}
    assert [(who, reason.value) for who, reason in found.refused] == [("mother", one) for one in refused]


def test_who_must_be_verified_and_has_no_number_stands_in_the_way() -> None:
    found = verified({"mother": MUST}, [], {}, ())
    assert (found.fields, list(found.refused)) == ({}, [("mother", Reason.NO_NUMBER)])


def test_a_verdict_is_about_the_data_whoever_has_which_part() -> None:
    same = PersonAsked(AMARA.nid, AMARA.born, AMARA.name, AMARA.gender, "informant")
    assert same.print == AMARA.print
    for other in (("1", "", "", None), (AMARA.nid, AMARA.born, AMARA.name, "female")):
        assert PersonAsked(*other).print != AMARA.print
