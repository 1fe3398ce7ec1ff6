"""The words of zod 3 and zod 4 (contract opencrvs §3.3), and that no value breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_opencrvs.query import search_input
from mock_opencrvs.zod import Fields, ListOf, Literal, Number, OneOf, Optional, Text, Union, Uuid, parse
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile

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


@pytest.mark.parametrize(
    ("text", "three", "four"),
    [
        (GOOD, True, True),
        ("5a1c2c0e-7a0f-0d51-9b7b-0b7f0f6d9a11", True, False),
        ("5a1c2c0e-7a0f-9d51-9b7b-0b7f0f6d9a11", True, False),
        ("00000000-0000-0000-0000-000000000000", True, True),
        ("5a1c2c0e7a0f4d519b7b0b7f0f6d9a11", False, False),
        (GOOD + "\n", False, False),
    ],
)
def test_uuids(text: str, three: bool, four: bool) -> None:
    assert (not parse(Uuid(), text, 3)[1]) is three
    assert (not parse(Uuid(), text, 4)[1]) is four


def test_absent_and_default_and_null() -> None:
    shape = Fields(
        {"a": Optional(Text()), "b": Optional(Text(), lambda: "x"), "c": Optional(Text(), nullable=True)}
    )
    assert parse(shape, {"c": None, "unknown": 1}, 4) == ({"b": "x", "c": None}, [])


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.just(UNDEFINED),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(anything, st.sampled_from([3, 4]))
def test_no_value_breaks_the_reader(value: Any, zod: int) -> None:
    shape = Union((SHAPE, ListOf(Number(whole=True, minimum=0)), Literal("x"), OneOf(("a", "b"))))
    parsed, issues = parse(shape, value, zod)
    assert issues or parsed is not None


_words = st.sampled_from(
    ["type", "term", "terms", "clauses", "data", "exact", "fuzzy", "child.name", "flags"]
)
_queries = st.recursive(
    anything | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=16,
)


@given(_queries, st.sampled_from([3, 4]))
def test_no_query_breaks_the_reader(clause: Any, zod: int) -> None:
    value = {"query": {"type": "and", "clauses": [clause]}}
    _, issues = parse(search_input(Profile.V1_9 if zod == 3 else Profile.V2_0), value, zod)
    assert isinstance(issues, list)
