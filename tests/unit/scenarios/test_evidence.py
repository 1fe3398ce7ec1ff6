"""Whose packet may be whose: names in any order and shortened, numbers by the actions that gave them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scenarios.judging.evidence import JudgedRecord, RecordedAction, same_name

AT = datetime(2026, 3, 2, tzinfo=UTC)
LONG = "Maximiliana Konstantinopolitania Nalumango Chandamukulu"
"""Longer than MOSIP's fifty letters."""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Chanda Mulenga", "MULENGA chanda", True),
        ("Chanda  Mulenga", "Chanda Mulenga", True),
        ("Straße", "STRASSE", True),
        ("Chanda Mulenga", "Chanda", False),
    ],
)
def test_the_order_of_a_names_words_and_capitals_say_nothing(one: str, other: str, same: bool) -> None:
    assert (same_name(one) == same_name(other)) is same


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        (LONG, True),
        ("Maximiliana Konstantinopolitania Nalumango C.", True),
        ("M. K. N. C.", True),
        ("Maximiliana Chandamukulu", True),
        ("Chandamukulu Maximiliana", False),  # shortened in another order it is somebody else's
        ("Maximiliana Banda", False),
        ("", False),
    ],
)
def test_a_bridge_shortens_what_mosip_cannot_hold(name: str, goes: bool) -> None:
    assert JudgedRecord("e", "T", "birth", LONG).goes_by(name) is goes


def test_a_name_that_fits_is_not_shortened_and_a_former_one_counts() -> None:
    record = JudgedRecord("e", "T", "birth", "Chanda Mulenga", former_names=frozenset({"Chanda Banda"}))
    assert not record.goes_by("C. Mulenga")
    assert record.goes_by("Banda Chanda")


def action(id: str, status: str, original: str | None = None, number: str | None = None) -> RecordedAction:
    return RecordedAction(
        id, "REGISTER", status, AT, original, number, {"mother.nid": "1AB", "father.nid": ""}
    )


def test_which_numbers_came_as_an_answer() -> None:
    record = JudgedRecord(
        "e",
        "T",
        "birth",
        "",
        (
            action("imported", "Accepted", None, "OLD"),
            action("a1", "Requested", None, "NEVER"),
            action("a2", "Rejected", "a1", "NOT"),
            action("a3", "Accepted", "a1", "NEW"),
        ),
    )
    assert record.confirmed_numbers == ("NEW",)
    assert record.registration_numbers == ("OLD", "NEW")
    assert [one.id for one in record.answers("a1")] == ["a2", "a3"]
    asked = record.requested("a1")
    assert asked is not None and asked.id == "a1" and record.requested("a3") is None
    assert record.people == {"1ab"}
    assert record.label == "birth T (no name)"
