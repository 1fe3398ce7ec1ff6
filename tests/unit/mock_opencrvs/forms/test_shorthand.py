"""The short way of writing conditions, as the toolkit's JSON Schema (contract opencrvs §8)."""

from __future__ import annotations

from typing import Any

import pytest

from mock_opencrvs.forms.conditions import holds
from mock_opencrvs.forms.shorthand import schema_of


def form(field: str, value: dict[str, Any]) -> dict[str, Any]:
    inner = {"type": "object", "properties": {field: value}, "required": [field]}
    return {"type": "object", "properties": {"$form": inner}, "required": ["$form"]}


@pytest.mark.parametrize(
    ("short", "value"),
    [
        ({"is": ["a", "x"]}, {"const": "x"}),
        ({"in": ["a", ("x", "y")]}, {"enum": ["x", "y"]}),
        ({"pattern": ["a", "^x$"]}, {"type": "string", "pattern": "^x$"}),
        ({"between": ["a", 0, 6]}, {"type": "number", "minimum": 0, "maximum": 6}),
        (
            {"past": "a"},
            {"type": "string", "format": "date", "daysFromDate": {"days": 1, "clause": "before"}},
        ),
        (
            {"older": ["a", 365]},
            {"type": "string", "format": "date", "daysFromDate": {"days": -365, "clause": "before"}},
        ),
    ],
)
def test_a_condition_on_a_field_is_written_as_the_toolkit_writes_it(
    short: dict[str, Any], value: dict[str, Any]
) -> None:
    assert schema_of(short) == form("a", value)


@pytest.mark.parametrize(
    ("short", "flags", "expected"),
    [
        ({"flag": "late"}, ["late"], True),
        ({"flag": "late"}, ["validated"], False),
        ({"flag": "late"}, [], False),
        ({"not": {"flag": "late"}}, [], True),
        ({"all": [{"flag": "late"}, {"flag": "validated"}]}, ["late"], False),
        ({"any": [{"flag": "late"}, {"flag": "validated"}]}, ["late"], True),
    ],
)
def test_a_flag_is_looked_for_among_the_records(
    short: dict[str, Any], flags: list[str], expected: bool
) -> None:
    assert holds(schema_of(short), {"$form": {}, "$now": "2026-03-02", "$flags": flags}) is expected


def test_a_word_that_is_not_in_the_list_is_named() -> None:
    with pytest.raises(ValueError, match="'younger' is no condition"):
        schema_of({"all": [{"younger": ["a", 1]}]})
