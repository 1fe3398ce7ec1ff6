"""superjson as it is read: the real library's answers, hostile bodies."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_opencrvs.known import named, tagged
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.superjson import SuperJSONError, deserialize, serialize


@pytest.mark.parametrize("case", named("decode"), ids=lambda case: case["name"])
def test_decodes_as_the_real_library(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(SuperJSONError) as refused:
            deserialize(case["payload"])
        assert str(refused.value) == case["error"]
    else:
        assert tagged(deserialize(case["payload"])) == case["value"]


def test_undefined_under_a_dotted_key_comes_back_as_null() -> None:
    sent = serialize({"declaration": {"child.nid": UNDEFINED}})
    assert sent["meta"] == {"values": {"declaration.child.nid": ["undefined"]}}
    assert deserialize(sent) == {"declaration": {"child.nid": None}}


@pytest.mark.parametrize(
    "values", [5, "text", True, [], [None], ["set", "x"], {"a": 1}, {"a": {"b": "text"}}]
)
def test_annotations_of_any_shape_are_applied_or_refused(values: Any) -> None:
    try:
        deserialize({"json": {"a": {"b": [1]}}, "meta": {"values": values}})
    except SuperJSONError as refused:
        assert str(refused)


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
