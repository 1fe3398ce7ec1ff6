"""JSON text as JavaScript writes and reads it, so that bodies can be compared byte by byte.

`dumps` is `JSON.stringify`: compact, nothing escaped that need not be, numbers in JavaScript's notation.
`loads` is `JSON.parse`: NaN and Infinity are errors, numbers are doubles (whole ones come back as int),
and the error texts follow V8's, because OpenCRVS passes them on to the caller (contract opencrvs §3.2).
"""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate, repeat, takewhile
from json.encoder import encode_basestring
from typing import Any, Final

MAX_DEPTH: Final = 100
"""Nesting beyond this is refused: no honest document comes near it, and Python's stack is finite."""

SAFE_INTEGER: Final = 2**53 - 1

_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False
).encode
_FOREIGN_NUMBERS: Final = (re.compile(r"\.0(?=[,}\]]|$)"), re.compile(r"e[+-]\d\d+(?=[,}\]]|$)"))
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


class JSONSyntaxError(ValueError):
    """Text that is no JSON; the message is close to what V8 would say."""


def dumps(value: Any, *, strict: bool = False) -> str:
    """`JSON.stringify(value)` of plain JSON values; TypeError or ValueError for what JSON cannot hold.

    Whole numbers beyond 2^53 must come as float, as `loads` gives them. `strict` raises ValueError for -0,
    too, which JSON.stringify writes as 0 and superjson does not.
    """
    text = _encode(value)
    if any(foreign.search(text) for foreign in _FOREIGN_NUMBERS):
        if strict and "-0.0" in text:
            raise ValueError("there may be a negative zero")
        text = _write(value)
    if not text.isascii() and _SURROGATE.search(text):
        text = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text


def dumpb(value: Any) -> bytes:
    """`dumps`, as UTF-8."""
    return dumps(value).encode()


def _write(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(str(k))}:{_write(v)}" for k, v in value.items()) + "}"
    return "[" + ",".join(map(_write, value)) + "]"


def number_text(value: int | float) -> str:
    """A number as JavaScript prints it: shortest digits, exponent only from 1e21 and below 1e-6."""
    if isinstance(value, int):
        if -SAFE_INTEGER <= value <= SAFE_INTEGER:
            return int.__repr__(value)
        value = float(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    """`digits` with the decimal point after the first `point` of them, by ECMAScript's Number::toString."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return digits[0] + (f".{digits[1:]}" if count > 1 else "") + exponent


def loads(text: str | bytes) -> Any:
    """`JSON.parse(text)`; bytes are UTF-8. Raises JSONSyntaxError."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace").removeprefix("\ufeff")
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise JSONSyntaxError(f"JSON is nested more than {MAX_DEPTH} levels deep")
    try:
        return _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise JSONSyntaxError(_v8_message(error.msg, text, error.pos)) from None


def _depth(text: str) -> int:
    return max(accumulate(map(_STEPS.get, _TOKEN.findall(text), repeat(0))))


def _integer(text: str) -> int | float:
    return int(text) if len(text) < 16 else _double(text)


def _double(text: str) -> int | float:
    value = float(text)
    if math.isfinite(value) and value.is_integer() and abs(value) <= SAFE_INTEGER:
        return int(value)
    return value


def _refuse_constant(name: str) -> Any:
    raise json.JSONDecodeError("Expecting value", name, 0)


_decoder: Final = json.JSONDecoder(parse_int=_integer, parse_float=_double, parse_constant=_refuse_constant)


def _v8_message(message: str, text: str, position: int) -> str:
    """What V8 (Node 20) says about the fault that Python's parser found."""
    for begin, said, shift in _V8_SAYS:
        if message.startswith(begin):
            return f"{said} in JSON at position {position + shift}"
    if message.startswith("Extra data"):
        return f"Unexpected non-whitespace character after JSON at position {position}"
    if message.startswith("Unterminated string"):
        return f"Unterminated string in JSON at position {len(text)}"
    if message.startswith("Illegal trailing comma"):  # from Python 3.13 on, at the comma itself
        position = len(text) - len(text[position + 1 :].lstrip(_SPACE))
    if message.startswith("Expecting property name") or message.endswith("of object"):
        first = text[:position].rstrip(_SPACE).endswith("{")
        said = "Expected property name or '}'" if first else "Expected double-quoted property name"
        return f"{said} in JSON at position {position}"
    if message.startswith("Expecting ',' delimiter"):
        inside = _inside_array(text, position)
        said = (
            "Expected ',' or ']' after array element"
            if inside
            else "Expected ',' or '}' after property value"
        )
        return f"{said} in JSON at position {position}"
    return _unexpected_token(text, position)


_SPACE: Final = " \t\r\n"
_V8_SAYS: Final = (
    ("Expecting ':' delimiter", "Expected ':' after property name", 0),
    ("Invalid control character", "Bad control character in string literal", 0),
    ("Invalid \\escape", "Bad escaped character", 1),
    ("Invalid \\uXXXX", "Bad Unicode escape", 0),
)


def _unexpected_token(text: str, position: int) -> str:
    """V8's complaint about a value that is none, with up to ten characters around it."""
    while position < len(text) and text[position] in _SPACE:
        position += 1
    for literal in ("null", "true", "false"):
        if text[position : position + 1] == literal[0]:
            position += sum(
                1
                for _ in takewhile(
                    lambda pair: pair[0] == pair[1], zip(literal, text[position:], strict=False)
                )
            )
    if position >= len(text):
        return "Unexpected end of JSON input"
    if len(text) < 21:
        shown = f'"{text}"'
    else:
        before = "..." if position >= 10 else ""
        after = "..." if position < len(text) - 10 else ""
        shown = f'{before}"{text[max(0, position - 10) : position + 10]}"{after}'
    return f"Unexpected token '{text[position]}', {shown} is not valid JSON"


def _inside_array(text: str, position: int) -> bool:
    open_marks: list[str] = []
    for token in _TOKEN.finditer(text, 0, position):
        mark = token[0][0]
        if mark in "[{":
            open_marks.append(mark)
        elif mark in "]}" and open_marks:
            open_marks.pop()
    return bool(open_marks) and open_marks[-1] == "["
