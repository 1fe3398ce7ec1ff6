"""Conditions, values and whole declarations against the built-in forms (contract opencrvs §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mock_opencrvs.forms.builtin import builtin_forms
from mock_opencrvs.forms.conditions import holds
from mock_opencrvs.forms.shorthand import schema_of
from mock_opencrvs.forms.validation import UnknownField, Validation
from mock_opencrvs.forms.values import fits
from tests.known import vectors
from wire.opencrvs.profiles import Profile

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("short", "form", "expected"),
    [
        ({"is": ["a", "x"]}, {"a": "x"}, True),
        ({"is": ["a", "x"]}, {}, False),
        ({"is": ["a", True]}, {"a": 1}, False),
        ({"in": ["a", ["x", "y"]]}, {"a": "y"}, True),
        ({"not": {"in": ["a", ["x"]]}}, {}, True),
        ({"blank": "a"}, {}, True),
        ({"blank": "a"}, {"a": False}, True),
        ({"blank": "a"}, {"a": 0}, False),
        ({"blank": "a"}, {"a": "x"}, False),
        ({"past": "a"}, {"a": "2026-03-02"}, True),
        ({"past": "a"}, {"a": "2026-03-03"}, False),
        ({"older": ["a", 365]}, {"a": "2025-03-02"}, False),
        ({"older": ["a", 365]}, {"a": "2025-03-01"}, True),
        ({"pattern": ["a", "^[0-9]{3}$"]}, {"a": "123"}, True),
        ({"pattern": ["a", "^[0-9]{3}$"]}, {"a": "123\n"}, False),
        ({"same": ["a", "b"]}, {"a": "x", "b": "x"}, True),
        ({"same": ["a", "b"]}, {"a": "x"}, False),
        ({"between": ["a", 0, 6]}, {"a": 6}, True),
        ({"between": ["a", 0, 6]}, {"a": 6.1}, False),
        ({"all": [{"blank": "a"}, {"is": ["b", 1]}]}, {"b": 1}, True),
        ({"any": [{"is": ["a", 1]}, {"is": ["b", 1]}]}, {"b": 1}, True),
    ],
)
def test_a_short_condition_holds(short: dict[str, Any], form: dict[str, Any], expected: bool) -> None:
    assert holds(schema_of(short), {"$form": form, "$now": TODAY.isoformat()}, TODAY) is expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("NAME", {"firstname": "A", "surname": "B"}, True),
        ("NAME", {"firstname": "A"}, False),
        ("DATE", "2026-02-29", False),
        ("AGE", {"age": 34, "asOfDateRef": "child.dob"}, True),
        ("NUMBER", True, False),
        ("ADDRESS", {"country": "FAR", "addressType": "DOMESTIC", "administrativeArea": "x"}, False),
        (
            "ADDRESS",
            {
                "country": "ZMB",
                "addressType": "INTERNATIONAL",
                "streetLevelDetails": {"state": "S", "district2": "D"},
            },
            True,
        ),
        ("FILE", {"path": "a", "originalFilename": "b", "type": "c"}, True),
        ("FILE_WITH_OPTIONS", [{"path": "a", "originalFilename": "b", "type": "c"}], False),
        ("VERIFICATION_STATUS", "maybe", False),
        ("SOMETHING_NEW", object(), True),
    ],
)
def test_values(kind: str, value: Any, expected: bool) -> None:
    assert fits(kind, value) is expected


def _validation(kind: str = "birth", today: date = TODAY, told: dict[str, Any] | None = None) -> Validation:
    forms = builtin_forms(Profile.V2_0, mosip_fields=True, custom_flags=False, deduplication=True)
    form = forms.get(kind)
    assert form is not None
    return Validation(form, told or {}, today)


def _errors(validation: Validation, kind: str, **changes: Any) -> list[tuple[str, str]]:
    shared = vectors("declarations")[kind]
    told = {**shared["declaration"], **{k.replace("__", "."): v for k, v in changes.items()}}
    told = {key: value for key, value in told.items() if value is not ...}
    found = validation.errors("whole", "DECLARE", told, shared["annotation"])
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
        ({"child__placeOfBirth": "OTHER"}, ["child.birthLocation", "child.birthLocation.other"]),
        ({"informant__relation": "GRANDMOTHER"}, None),
        ({"father__detailsNotAvailable": True}, None),
        ({"child__dob": "not a day"}, [("child.dob", "Invalid date field")]),
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
    assert validation.errors("whole", "DECLARE", {"father.occupation": None}, annotation) == []
    found = validation.errors("whole", "DECLARE", {"child.gender": None}, annotation)
    assert found == [{"message": "Required", "id": "child.gender"}]
