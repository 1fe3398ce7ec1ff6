"""superjson against the real library's answers, and round trips of our own."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_opencrvs.known import KNOWN, built, named, tagged
from wire.opencrvs import ecma
from wire.opencrvs.javascript import UNDEFINED, BigInt, JSError, JSMap, JSSet, RegExp
from wire.opencrvs.superjson import SuperJSONError, deserialize, serialize

DAY = datetime(2026, 2, 20, 3, 4, 5, 678000, tzinfo=UTC)


@pytest.mark.parametrize("case", named("encode"), ids=lambda case: case["name"])
def test_encodes_as_the_real_library(case: dict[str, Any]) -> None:
    assert ecma.dumps(serialize(built(case["value"]), equalities=True)) == case["text"]


@pytest.mark.parametrize("case", named("encode"), ids=lambda case: case["name"])
def test_without_equalities_nothing_else_changes(case: dict[str, Any]) -> None:
    assert ecma.dumps(serialize(built(case["value"]))) == case["text"]


@pytest.mark.parametrize("case", named("decode"), ids=lambda case: case["name"])
def test_decodes_as_the_real_library(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(SuperJSONError) as refused:
            deserialize(case["payload"])
        assert str(refused.value) == case["error"]
    else:
        assert tagged(deserialize(case["payload"])) == case["value"]


def test_objects_that_occur_twice_are_named() -> None:
    shared = {"k": 1}
    inf = float("inf")
    value = {
        "a": shared,
        "list": [shared, {"x.y": shared}],
        "big": [BigInt(7), BigInt(7)],
        "nan": [float("nan"), float("nan")],
        "inf": [inf, inf],
    }
    assert ecma.dumps(serialize(value, equalities=True)) == KNOWN["shared"]


def test_a_circle_becomes_null() -> None:
    ring: dict[str, Any] = {"a": 1}
    ring["self"] = ring
    assert ecma.dumps(serialize(ring, equalities=True)) == KNOWN["ring"]


def test_undefined_under_a_dotted_key_comes_back_as_null() -> None:
    sent = serialize({"declaration": {"child.nid": UNDEFINED}})
    assert sent["meta"] == {"values": {"declaration.child.nid": ["undefined"]}}
    assert deserialize(sent) == {"declaration": {"child.nid": None}}


def test_what_superjson_cannot_carry_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        serialize({"a": object()})
    with pytest.raises(ValueError, match="time zone"):
        serialize(DAY.replace(tzinfo=None))


@pytest.mark.parametrize(
    "values", [5, "text", True, [], [None], ["set", "x"], {"a": 1}, {"a": {"b": "text"}}]
)
def test_annotations_of_any_shape_are_applied_or_refused(values: Any) -> None:
    try:
        deserialize({"json": {"a": {"b": [1]}}, "meta": {"values": values}})
    except SuperJSONError as refused:
        assert str(refused)


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
    serialize(value, equalities=True)
    assert repr(value) == before


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
_kinds = st.sampled_from(
    ["undefined", "Date", "set", "map", "number", "bigint", "regexp", "Error", "nope", 1]
)


@given(
    _json,
    st.recursive(
        st.lists(_kinds, max_size=2) | _json,
        lambda inner: st.dictionaries(st.text(".a0\\", max_size=3), inner),
    ),
)
def test_hostile_bodies_are_decoded_or_refused(plain: Any, values: Any) -> None:
    with contextlib.suppress(SuperJSONError):
        deserialize({"json": plain, "meta": {"values": values}})
