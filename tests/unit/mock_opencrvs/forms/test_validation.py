"""Whole declarations against the built-in forms (contract opencrvs §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mock_opencrvs.forms.builtin import builtin_forms
from mock_opencrvs.forms.evaluation import FormContext
from mock_opencrvs.forms.validation import UnknownField, Validation
from tests.known import vectors
from wire.opencrvs.profiles import Profile

TODAY = date(2026, 3, 2)


def _validation(kind: str = "birth", today: date = TODAY, told: dict[str, Any] | None = None) -> Validation:
    forms = builtin_forms(Profile.V2_0, mosip_fields=True, custom_flags=False, deduplication=True)
    form = forms.get(kind)
    assert form is not None
    return Validation(form, told or {}, FormContext(today.isoformat()))


def _errors(validation: Validation, kind: str, **changes: Any) -> list[tuple[str, str]]:
    shared = vectors("declarations")[kind]
    told = {**shared["declaration"], **{k.replace("__", "."): v for k, v in changes.items()}}
    told = {key: value for key, value in told.items() if value is not ...}
    found = validation.errors("DECLARE", told, shared["annotation"])
    return [(one["id"], one["message"]) for one in found]


@pytest.mark.parametrize("kind", ["birth", "death"])
def test_the_shared_declarations_are_whole(kind: str) -> None:
    assert _errors(_validation(kind), kind) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"mother__nid": "12"},
            [("mother.nid", "The National ID can only be numeric and must be 10 digits long")],
        ),
        ({"mother__nid": "8315604927"}, ["mother.nid", "father.nid"]),
        ({"child__weightAtBirth": 9}, [("child.weightAtBirth", "Must be within 0 and 6")]),
        ({"child__placeOfBirth": "OTHER"}, ["child.birthLocation"]),
        (
            {"child__placeOfBirth": "OTHER", "child__birthLocation": ...},
            [("child.birthLocation.other", "Required")],
        ),
        ({"mother__dob": ...}, [("mother.dob", "Required"), ("mother.dob", "Must be a valid birth date")]),
        (
            {"child__dob": "2030-01-01", "mother__nid": "12"},
            ["child.dob", "mother.nid"],
        ),
        ({"informant__relation": "GRANDMOTHER"}, None),
        ({"father__detailsNotAvailable": True}, None),
        (
            {"child__dob": "not a day"},
            [("child.dob", "Invalid date field"), ("child.dob", "Must be a valid birth date")],
        ),
        ({"child__name": "Chanda"}, [("child.name", "Invalid input")]),
    ],
)
def test_a_wrong_birth(changes: dict[str, Any], expected: Any) -> None:
    found = _errors(_validation(), "birth", **changes)
    if expected is None:
        assert found
    elif isinstance(expected[0], str):
        assert [name for name, _ in found] == expected
    else:
        assert found == expected


def test_a_late_registration_needs_its_reason() -> None:
    late = _validation(today=date(2027, 3, 2))
    assert _errors(late, "birth") == [("child.reason", "Required")]
    assert _errors(late, "birth", child__reason="We lived far away") == []


def test_an_unknown_field_is_told_by_its_name() -> None:
    with pytest.raises(UnknownField, match=r"child\.shoeSize"):
        _errors(_validation(), "birth", child__shoeSize="12")


def test_a_null_takes_a_field_out() -> None:
    told = vectors("declarations")["birth"]["declaration"]
    validation = _validation(told=told)
    annotation = vectors("declarations")["birth"]["annotation"]
    assert validation.errors("DECLARE", {"father.occupation": None}, annotation) == []
    found = validation.errors("DECLARE", {"child.gender": None}, annotation)
    assert found == [{"message": "Required", "id": "child.gender"}]
