"""JSON that others wrote, read only when all of it can be worked with. Pure.

A parser gives up somewhere near a thousand levels, and what walks through the value afterwards gives up
earlier; it lets half a surrogate pair pass, which is no UTF-8, and a NUL, which PostgreSQL does not keep. A
body with one of these would fail in the middle of the work.
"""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, Final

DEPTH_LIMIT: Final = 32
"""Levels that are read. The deepest message of either protocol, an event document, has about eight."""


_SUSPECT: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class UnfitJSON(ValueError):
    """JSON that is not worked with; `title` says why in two words or three."""

    title = "Unfit JSON"


class NotText(UnfitJSON):
    """A text in it is none: it holds a NUL or half a surrogate pair."""

    title = "Not text"

    def __init__(self) -> None:
        super().__init__("a text holds U+0000 or half a surrogate pair")


class NestedTooDeeply(UnfitJSON):
    """More levels than any message needs; the text names the limit."""

    title = "Nested too deeply"

    def __init__(self) -> None:
        super().__init__(f"more than {DEPTH_LIMIT} levels")


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError when it is none, UnfitJSON (one, too) when it is unfit."""
    if isinstance(text, bytes):
        # the parser itself would guess at UTF-16, and pass half pairs
        text = text.removeprefix(BOM_UTF8).decode()
    try:
        value = _PARSER.decode(text)
    except RecursionError:
        raise NestedTooDeeply from None
    return fit(value, text)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _number(text: str) -> float:
    """Written again, a number beyond all bounds would be no JSON."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


_PARSER: Final = json.JSONDecoder(parse_constant=_no_number, parse_float=_number)


def fit(value: Any, text: str) -> Any:
    """The value itself, which was parsed from the text; UnfitJSON when it is unfit."""
    shallow(value)
    if _SUSPECT.search(text):  # seldom; a whole pair is fine
        for one in _texts(value):
            if "\0" in one or any("\ud800" <= letter <= "\udfff" for letter in one):
                raise NotText
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every key and text of a value of few levels."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _texts(inner)


def shallow(value: Any) -> Any:
    """The value itself; NestedTooDeeply beyond the limit. Goes level by level, without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEPTH_LIMIT):
        # exact types, as a parser makes them: a union check would double the time
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return value
    raise NestedTooDeeply
