from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.foreign_json import DEPTH_LIMIT, NestedTooDeeply, NotText, read_json, shallow
from wire.mosip import credentials, envelope
from wire.mosip.fields import FieldBroken

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


@pytest.mark.parametrize(
    "text", [r'"\u0000"', r'["a", {"b": "x\ud83d"}]', r'{"\uDC00": 1}', rb'[["\uD800\uD800"]]']
)
def test_what_is_no_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotText, match="surrogate"):
        read_json(text)


@pytest.mark.parametrize("text", [r'"\ud83d\ude00"', '"😀"', r'"\\u0000"', rb'"\\ud800 \u00e9"'])
def test_whole_pairs_and_what_only_looks_alike_are_texts(text: str | bytes) -> None:
    assert read_json(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nonsense",
        "NaN",
        "[-Infinity]",
        '{"a": 1e999}',
        "-1e400",
        "9" * 5000,
        b"\xff",
        b'"\xed\xa0\x80"',
        '"\\u0000"'.encode("utf-16"),
    ],
)
def test_what_is_no_json_is_another_error(text: str | bytes) -> None:
    with pytest.raises(ValueError) as caught:
        read_json(text)
    assert not isinstance(caught.value, NestedTooDeeply | NotText)


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
