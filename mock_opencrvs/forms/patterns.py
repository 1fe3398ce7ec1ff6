"""Regular expressions as ECMAScript reads them with its `u` flag, on the engine `regex`. Pure.

A country config is written in JavaScript: `\\d`, `\\w` and `\\b` are ASCII there, `$` is the end alone, `.`
stops at four line ends, and `\\p{Script=Latin}` is at home.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

_SPACE = "\\t-\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_NO_SPACE = (
    "\\x00-\\x08\\x0e-\\x1f!-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e"
    "\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\U0010ffff"
)
_WORD, _NO_WORD = "0-9A-Za-z_", "\\x00-/:-@\\[-\\^`{-\\U0010ffff"
_SETS = {
    "d": "0-9",
    "D": "\\x00-/:-\\U0010ffff",
    "w": _WORD,
    "W": _NO_WORD,
    "s": _SPACE,
    "S": _NO_SPACE,
}
_EDGES = {
    "b": f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    "B": f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
}
_CONTROLS = {"t": "\\t", "n": "\\n", "v": "\\v", "f": "\\f", "r": "\\r", "0": "\\x00"}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/-")


class BadPattern(ValueError):
    """A pattern that `new RegExp(pattern, "u")` refuses, too."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> regex.Pattern[str]:
    """The pattern, to be searched with; BadPattern when it is none."""
    try:
        return regex.compile("".join(_translated(pattern)), regex.VERSION0)
    except regex.error as error:
        raise BadPattern(f"{pattern!r} is no regular expression: {error}") from None


def _translated(pattern: str) -> Iterator[str]:
    at, in_set = 0, False
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            told, at = _escape(pattern, at + 1, in_set)
            yield told
            continue
        at += 1
        if in_set:
            in_set = sign != "]"
            # what opens a set or joins two has no meaning inside one
            yield f"\\{sign}" if sign in "[&|~" else sign
        elif sign == "[":
            if pattern[at : at + 2] == "^]":
                at, told = at + 2, "(?s:.)"
            elif pattern[at : at + 1] == "]":
                at, told = at + 1, "(?!)"
            else:
                in_set, told = True, "["
                if pattern[at : at + 1] == "^":
                    at, told = at + 1, "[^"
            yield told
        else:
            yield {"$": "\\Z", ".": "[^\\n\\r\\u2028\\u2029]"}.get(sign, sign)
    if in_set:
        raise BadPattern(f"{pattern!r} is no regular expression: a set is not closed")


def _escape(pattern: str, at: int, in_set: bool) -> tuple[str, int]:
    """What an escape means here, and where the pattern goes on."""
    sign = pattern[at : at + 1]
    if sign in _SETS and sign:
        return (_SETS[sign] if in_set else f"[{_SETS[sign]}]"), at + 1
    if sign in _EDGES and sign:
        return ("\\x08" if in_set and sign == "b" else _EDGES[sign]), at + 1
    if sign in _CONTROLS and sign:
        return _CONTROLS[sign], at + 1
    if sign in ("p", "P") or (sign == "k" and not in_set):
        opened, closed = ("<", ">") if sign == "k" else ("{", "}")
        end = pattern.find(closed, at)
        if pattern[at + 1 : at + 2] == opened and end > 0:
            name = pattern[at + 2 : end]
            return (f"(?P={name})" if sign == "k" else f"\\{sign}{{{name}}}"), end + 1
    elif sign == "u" and pattern[at + 1 : at + 2] == "{" and (end := pattern.find("}", at)) > 0:
        return f"\\U{pattern[at + 2 : end]:0>8}", end + 1
    elif sign in ("u", "x"):
        end = at + (5 if sign == "u" else 3)
        return f"\\{pattern[at:end]}", end
    elif sign == "c":
        return f"\\x{ord(pattern[at + 1 : at + 2] or '@') % 32:02x}", at + 2
    elif sign in _SYNTAX or (sign.isdigit() and not in_set):
        return f"\\{sign}", at + 1
    raise BadPattern(f"{pattern!r} is no regular expression: \\{sign} means nothing")
