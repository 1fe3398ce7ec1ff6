"""Conditions, values and whole declarations against the built-in forms (contract opencrvs §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mock_opencrvs.forms.builtin import builtin_forms
from mock_opencrvs.forms.conditions import holds
from mock_opencrvs.forms.evaluation import Evaluation, FormContext
from mock_opencrvs.forms.shorthand import schema_of
from mock_opencrvs.forms.validation import UnknownField, Validation
from mock_opencrvs.forms.values import complaints
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
    assert holds(schema_of(short), {"$form": form, "$now": TODAY.isoformat()}) is expected


@pytest.mark.parametrize(
    ("schema", "form", "expected"),
    [
        # what the toolkit writes for its conditionals (core 2.0.0, packages/commons/src/conditionals)
        ({"properties": {"a": {"type": "string", "format": "date"}}}, {"a": "02-02"}, False),
        ({"properties": {"a": {"daysFromDate": {"days": 1, "clause": "before"}}}}, {"a": "02-02"}, True),
        ({"properties": {"a": {"daysFromDate": {"days": 1, "clause": "before"}}}}, {"a": "x"}, False),
        (
            {
                "properties": {
                    "a": {
                        "daysFromDate": {
                            "days": 30,
                            "clause": "before",
                            "referenceDate": {"$data": "1/b"},
                        }
                    }
                }
            },
            {"a": "2026-03-15", "b": "2026-03-01"},
            True,
        ),
        ({"properties": {"a": {"formatMinimum": {"$data": "/$now"}}}}, {"a": "2026-03-02"}, True),
        ({"properties": {"a": {"formatMinimum": {"$data": "/$now"}}}}, {"a": "2026-03-01"}, False),
        ({"properties": {"a": {"formatMaximum": {"$data": "1/b"}}}}, {"a": "2026-03-01"}, True),
        (
            {"properties": {"a": {"formatMaximum": {"$data": "1/b"}}}},
            {"a": "2026-03-02", "b": "2026-03-01"},
            False,
        ),
        ({"properties": {"a": {"exclusiveMinimum": {"$data": "1/b"}}}}, {"a": 2, "b": 2}, False),
        ({"properties": {"a": {"exclusiveMaximum": 3}}}, {"a": 2}, True),
        ({"properties": {"a": {"const": {"$data": "/$form/b"}}}}, {"a": 1}, True),
        ({"properties": {"a": {"const": {"$data": "/$form/b/c"}}}}, {"a": 1, "b": {"c": 1}}, True),
        (
            {"properties": {"a": {"if": {"required": ["x"]}, "then": {"required": ["y"]}, "else": False}}},
            {"a": {"x": 1, "y": 2}},
            True,
        ),
        ({"properties": {"a": {"if": {"required": ["x"]}, "else": False}}}, {"a": {}}, False),
        ({"properties": {"a": {"oneOf": [{"const": 1}, {"type": "number"}]}}}, {"a": 1}, False),
        ({"properties": {"a": {"isLeafLevelLocation": True}}}, {"a": "leaf"}, True),
        ({"properties": {"a": {"isLeafLevelLocation": True}}}, {"a": "province"}, False),
        ({"properties": {"a": {"contains": {"const": 1}, "minContains": 2}}}, {"a": [1, 2]}, False),
        ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1, "b": 2}, False),
        ({"properties": {"a": {"properties": {"dob": {"const": "1992-03-02"}}}}}, {"a": {"age": 34}}, True),
    ],
)
def test_a_condition_of_a_country_holds(schema: dict[str, Any], form: dict[str, Any], expected: bool) -> None:
    around = FormContext(TODAY.isoformat(), leaves=("leaf",))
    assert Evaluation(form, around.context).fits({"properties": {"$form": schema}}) is expected


NAME = {"firstname": "A", "surname": "B"}
FILE = {"path": "a", "originalFilename": "b", "type": "c"}
ABROAD = {"country": "ZMB", "addressType": "INTERNATIONAL"}
LINES = {"streetAddressForm": [{"id": "state"}]}


@pytest.mark.parametrize(
    ("kind", "value", "configuration", "expected"),
    [
        ("NAME", NAME, {}, []),
        ("NAME", {"firstname": "A"}, {}, ["Required"]),
        ("NAME", {"firstname": " ", "surname": "B"}, {}, ["Required"]),
        ("NAME", {"firstname": "A", "surname": ""}, {"name": {"surname": {"required": False}}}, []),
        ("NAME", NAME, {"name": {"middlename": {"required": True}}}, ["Required"]),
        ("DATE", "2026-02-29", {}, ["Invalid date field"]),
        ("EMAIL", "x", {}, ["Invalid email address"]),
        ("TIME", "7:30", {}, ["Invalid input"]),
        ("TEXT", "  ", {}, ["Required"]),
        ("TEXT", 5, {}, ["Invalid input"]),
        ("AGE", {"age": 34, "asOfDateRef": "child.dob"}, {}, []),
        ("NUMBER", True, {}, ["Invalid input"]),
        ("ADDRESS", ABROAD, {}, []),
        ("ADDRESS", ABROAD | {"streetLevelDetails": {"state": "S"}}, LINES, []),
        ("ADDRESS", ABROAD | {"streetLevelDetails": {"planet": "S"}}, LINES, ["Invalid input"]),
        ("ADDRESS", {"country": "FAR", "addressType": "DOMESTIC"}, {}, ["Required"]),
        (
            "ADDRESS",
            {"country": "FAR", "addressType": "DOMESTIC", "administrativeArea": "x"},
            {},
            ["Invalid input"],
        ),
        ("FILE", FILE, {}, []),
        ("FILE_WITH_OPTIONS", [FILE], {}, ["Invalid input"]),
        ("FILE_WITH_OPTIONS", [], {}, ["Required"]),
        ("VERIFICATION_STATUS", "maybe", {}, []),
        ("SOMETHING_NEW", object(), {}, []),
    ],
)
def test_values(kind: str, value: Any, configuration: dict[str, Any], expected: list[str]) -> None:
    assert complaints(kind, value, required=True, needed="Required", configuration=configuration) == expected


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
