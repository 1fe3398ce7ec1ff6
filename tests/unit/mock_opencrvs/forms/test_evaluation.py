"""Conditions of a country, as the toolkit writes them (contract opencrvs §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mock_opencrvs.forms.evaluation import Evaluation, FormContext

TODAY = date(2026, 3, 2)


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
