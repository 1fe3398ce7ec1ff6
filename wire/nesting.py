"""JSON that others wrote, read only when it is nested no deeper than any message of the protocols. Pure.

A parser gives up somewhere near a thousand levels, and what walks through the value afterwards gives up
earlier: a body between the two would fail in the middle of the work.
"""

from __future__ import annotations

import json
from typing import Any, Final

DEPTH_LIMIT: Final = 32
"""Levels that are read. The deepest message of either protocol, an event document, has about eight."""


class NestedTooDeeply(ValueError):
    """More levels than any message needs; the text names the limit."""

    def __init__(self) -> None:
        super().__init__(f"more than {DEPTH_LIMIT} levels")


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError when it is none, NestedTooDeeply (one, too) beyond the limit."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise NestedTooDeeply from None
    return shallow(value)


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
