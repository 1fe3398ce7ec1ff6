"""The conditions that our built-in forms write (contract opencrvs §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mock_opencrvs.forms.conditions import holds
from mock_opencrvs.forms.shorthand import schema_of

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
