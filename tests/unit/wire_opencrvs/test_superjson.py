"""superjson as it is written, against the real library's answers, and round trips of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_opencrvs.known import built, named, tagged
from wire.opencrvs import ecma
from wire.opencrvs.javascript import UNDEFINED, BigInt, JSError, JSMap, JSSet, RegExp
from wire.opencrvs.superjson import deserialize, serialize

DAY = datetime(2026, 2, 20, 3, 4, 5, 678000, tzinfo=UTC)


@pytest.mark.parametrize("case", named("encode"), ids=lambda case: case["name"])
def test_encodes_as_the_real_library(case: dict[str, Any]) -> None:
    assert ecma.dumps(serialize(built(case["value"]))) == case["text"]


def test_a_circle_becomes_null() -> None:
    ring: dict[str, Any] = {"a": 1}
    ring["self"] = ring
    assert serialize(ring) == {"json": {"a": 1, "self": None}}


def test_what_superjson_cannot_carry_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        serialize({"a": object()})
    with pytest.raises(ValueError, match="time zone"):
        serialize(DAY.replace(tzinfo=None))


# keys without a dot, so that every path can be found again
_keys = st.text(st.characters(exclude_characters=".\\", exclude_categories=["Cs"]), max_size=4)
_dates = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at - timedelta(microseconds=at.microsecond % 1000)
)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-ecma.SAFE_INTEGER, ecma.SAFE_INTEGER)
    | st.floats(allow_nan=False).filter(lambda x: not x.is_integer())
    | st.sampled_from([float("inf"), float("-inf"), UNDEFINED])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | _dates
    | st.integers().map(BigInt)
    | st.builds(JSError, st.text(max_size=3), st.text(max_size=3))
    | st.just(RegExp("a/b", "g"))
)
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_keys, inner, max_size=3)
        | st.lists(inner, max_size=3).map(JSSet)
        | st.lists(st.tuples(inner, inner).map(list), max_size=3).map(JSMap)
    ),
    max_leaves=12,
)


@given(_values)
def test_what_goes_over_the_wire_comes_back(value: Any) -> None:
    payload = ecma.loads(ecma.dumps(serialize(value)))
    assert tagged(deserialize(payload)) == tagged(value)


@given(_values)
def test_serialising_changes_nothing_of_the_value(value: Any) -> None:
    before = repr(value)
    serialize(value)
    assert repr(value) == before
