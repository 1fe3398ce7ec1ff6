from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.mosip import credentials, envelope
from wire.mosip.fields import FieldBroken
from wire.nesting import DEPTH_LIMIT, NestedTooDeeply, read_json, shallow

VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def lists(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_the_limit_itself_is_read() -> None:
    assert json.dumps(read_json(lists(DEPTH_LIMIT))) == lists(DEPTH_LIMIT)


@pytest.mark.parametrize("levels", [DEPTH_LIMIT + 1, 500, 950, 100_000])
@pytest.mark.parametrize("around", ["%s", '{"a": 1, "b": [%s]}', "[1, {}, [], %s]"])
def test_more_is_refused_wherever_it_lies(around: str, levels: int) -> None:
    with pytest.raises(NestedTooDeeply, match=f"{DEPTH_LIMIT} levels"):
        read_json(around % lists(levels))


@pytest.mark.parametrize("text", ["", "{", "nonsense", b"\xff"])
def test_what_is_no_json_is_another_error(text: str | bytes) -> None:
    with pytest.raises(ValueError) as caught:
        read_json(text)
    assert not isinstance(caught.value, NestedTooDeeply)


@given(VALUES)
def test_what_messages_hold_passes_unchanged(value: Any) -> None:
    assert shallow(value) is value


@pytest.mark.parametrize("levels", [DEPTH_LIMIT, 600, 100_000])
def test_credentials_and_envelopes_are_bounded(levels: int) -> None:
    text = f'{{"a": {lists(levels)}}}'
    with pytest.raises(FieldBroken):
        credentials.decode(text.encode())
    with pytest.raises(envelope.EnvelopeBroken, match=r"levels|recursion"):
        envelope.parse_body(text)
