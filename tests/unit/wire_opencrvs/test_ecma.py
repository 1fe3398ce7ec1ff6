"""JSON text as V8 writes and reads it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_opencrvs.known import named
from wire.opencrvs import ecma


@pytest.mark.parametrize("case", named("parse"), ids=lambda case: repr(case["text"])[:40])
def test_faults_are_told_in_v8s_words(case: dict[str, Any]) -> None:
    with pytest.raises(ecma.JSONSyntaxError) as refused:
        ecma.loads(case["text"])
    assert str(refused.value) == case["message"]


@pytest.mark.parametrize(
    ("text", "older", "at", "newer"),
    [
        ('{"a":1,}', "Expecting property name enclosed in double quotes", 7, ("object", 6)),
        ('{"a":1 , }', "Expecting property name enclosed in double quotes", 9, ("object", 7)),
        ("[1,]", "Expecting value", 3, ("array", 2)),
        ("[1 ,\n ]", "Expecting value", 6, ("array", 3)),
    ],
)
def test_a_trailing_comma_is_told_alike_by_every_python(
    text: str, older: str, at: int, newer: tuple[str, int]
) -> None:
    """Python 3.13 has words of its own for it, and another place."""
    of, comma = newer
    assert ecma._v8_message(f"Illegal trailing comma before end of {of}", text, comma) == (
        ecma._v8_message(older, text, at)
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (1.5, "1.5"),
        (-2.50, "-2.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e21, "1.25e+21"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (0.00001234, "0.00001234"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (2**53 - 1, "9007199254740991"),
        (2**53 + 1, "9007199254740992"),
        (12345678901234567890, "12345678901234567000"),
        (123456789.125, "123456789.125"),
    ],
)
def test_numbers_are_printed_as_javascript_does(number: float, text: str) -> None:
    assert ecma.number_text(number) == text
    held = float(number) if abs(number) > ecma.SAFE_INTEGER else number
    assert ecma.dumps({"n": [held], "m": held}) == f'{{"n":[{text}],"m":{text}}}'
    assert ecma.dumps(held) == text


def test_text_that_looks_like_a_foreign_number_is_left_alone() -> None:
    value = {"a": ":1.0,", "b": "[1e5]", "c": ",12345678901234567890,", "d": 1.0}
    assert ecma.dumps(value) == '{"a":":1.0,","b":"[1e5]","c":",12345678901234567890,","d":1}'


def test_nothing_is_escaped_that_need_not_be() -> None:
    assert ecma.dumps({"ž": "李/\u2028\x7f"}) == '{"ž":"李/\u2028\x7f"}'


def test_half_a_surrogate_pair_is_escaped_as_javascript_does() -> None:
    value = ecma.loads('{"a":"\\ud800x","b":"\\ud83d\\ude00"}')
    assert ecma.dumpb(value) == '{"a":"\\ud800x","b":"😀"}'.encode()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", '{"a":NaN}'])
def test_python_only_numbers_are_refused(word: str) -> None:
    with pytest.raises(ecma.JSONSyntaxError):
        ecma.loads(word)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        ecma.dumps({"a": math.nan})
    with pytest.raises(TypeError):
        ecma.dumps({"a": {1, 2}})


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 5_000, "[" * 101 + "]" * 101])
def test_deep_nesting_is_refused_not_crashed_on(text: str) -> None:
    with pytest.raises(ecma.JSONSyntaxError, match="levels deep"):
        ecma.loads(text)


def test_many_brackets_side_by_side_are_no_nesting() -> None:
    assert len(ecma.loads("[" + ",".join(["[]"] * 5_000) + "]")) == 5_000
    assert ecma.loads(json.dumps("[" * 5_000)) == "[" * 5_000


def test_whole_numbers_come_back_whole() -> None:
    assert repr(ecma.loads("[1.0,2e3,-0.5,1e400]")) == "[1, 2000, -0.5, inf]"
    assert ecma.loads("1" * 400) == math.inf
    assert ecma.loads(b"\xef\xbb\xbf1") == 1


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**9), 10**9)
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_written_can_be_read(value: Any) -> None:
    text = ecma.dumps(value)
    assert ecma.loads(text) == value
    text.encode()


@given(st.text(alphabet='{}[]":,\\ \nntfue0123.-+aé\ud800', max_size=12))
def test_any_text_is_read_or_refused_with_words(text: str) -> None:
    try:
        ecma.loads(text)
    except ecma.JSONSyntaxError as refused:
        assert str(refused)
