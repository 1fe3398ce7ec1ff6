"""The words of zod 3 and zod 4 (contract opencrvs §3.3), and that no value breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_opencrvs.zod import Fields, ListOf, Literal, Number, OneOf, Optional, Text, Union, Uuid, parse
from tests.unit.mock_opencrvs.values import anything

SHAPE = Fields({"eventId": Uuid(), "n": Optional(Text(1, "Message cannot be empty"))}, strict=True)
GOOD = "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11"


@pytest.mark.parametrize(
    ("zod", "value", "expected"),
    [
        (
            3,
            {},
            {
                "code": "invalid_type",
                "expected": "string",
                "received": "undefined",
                "path": ["eventId"],
                "message": "Required",
            },
        ),
        (
            4,
            {},
            {
                "expected": "string",
                "code": "invalid_type",
                "path": ["eventId"],
                "message": "Invalid input: expected string, received undefined",
            },
        ),
        (
            3,
            {"eventId": "nope"},
            {"validation": "uuid", "code": "invalid_string", "message": "Invalid uuid", "path": ["eventId"]},
        ),
        (
            4,
            {"eventId": GOOD, "foo": 1},
            {
                "code": "unrecognized_keys",
                "keys": ["foo"],
                "path": [],
                "message": 'Unrecognized key: "foo"',
            },
        ),
    ],
)
def test_issues(zod: int, value: Any, expected: dict[str, Any]) -> None:
    _, issues = parse(SHAPE, value, zod)
    assert issues == [expected]
    assert [list(issue) for issue in issues] == [list(expected)], "clients print the keys as they come"


def test_absent_and_default_and_null() -> None:
    shape = Fields(
        {"a": Optional(Text()), "b": Optional(Text(), lambda: "x"), "c": Optional(Text(), nullable=True)}
    )
    assert parse(shape, {"c": None, "unknown": 1}, 4) == ({"b": "x", "c": None}, [])


@given(anything, st.sampled_from([3, 4]))
def test_no_value_breaks_the_reader(value: Any, zod: int) -> None:
    shape = Union((SHAPE, ListOf(Number(whole=True, minimum=0)), Literal("x"), OneOf(("a", "b"))))
    parsed, issues = parse(shape, value, zod)
    assert issues or parsed is not None
