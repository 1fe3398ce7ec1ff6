"""Texts, ids, numbers and choices, with zod's words for what is wrong with them. Pure."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from mock_opencrvs.zod.reading import Issue, Parse, Path, plain, type_name
from wire.opencrvs.javascript import UNDEFINED, BigInt

_UUID_3 = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UUID_4_SOURCE = (
    "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
    "|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$"
)
_UUID_4 = re.compile(_UUID_4_SOURCE)


@dataclass(frozen=True)
class Anything:
    """`z.any()`."""

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        return value


@dataclass(frozen=True)
class FieldValue:
    """What a form's field may hold: anything that JSON can. Undefined members are left out, as when stored.

    superjson also carries dates, sets, NaN and the like; no member of core's union takes those.
    """

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        try:
            return _stored(value)
        except TypeError:
            issue: dict[str, Any] = {"code": "invalid_union", "path": list(path), "message": "Invalid input"}
            into.add({**issue, "unionErrors": []}, {**issue, "errors": []})
            return value


def _stored(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stored(held) for name, held in value.items() if held is not UNDEFINED}
    if isinstance(value, list):
        return [None if held is UNDEFINED else _stored(held) for held in value]
    if value is UNDEFINED or value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise TypeError(type(value).__name__)


@dataclass(frozen=True)
class Void:
    """`z.void()`: no input at all."""

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if value is not UNDEFINED:
            into.wrong_type("void", value, path)
        return UNDEFINED


@dataclass(frozen=True)
class Text:
    """`z.string()`, with a least length and the words for when it is shorter."""

    minimum: int = 0
    too_short: str | None = None

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if not isinstance(value, str):
            into.wrong_type("string", value, path)
        elif len(value) < self.minimum:
            into.add(*too_small("string", self.minimum, path, self.too_short))
        return value


_TOO_SHORT = "String must contain at least {} character(s)"


def too_small(kind: str, minimum: int, path: Path, words: str | None) -> tuple[Issue, Issue]:
    """Issues of zod 3 and zod 4 for a text or a list that is too short."""
    things = "Array must contain at least {} element(s)" if kind == "array" else _TOO_SHORT
    three = words or things.format(minimum)
    counted = "items" if kind == "array" else "characters"
    four = words or f"Too small: expected {kind} to have >={minimum} {counted}"
    return (
        {
            "code": "too_small",
            "minimum": minimum,
            "type": kind,
            "inclusive": True,
            "exact": False,
            "message": three,
            "path": list(path),
        },
        {
            "origin": kind,
            "code": "too_small",
            "minimum": minimum,
            "inclusive": True,
            "path": list(path),
            "message": four,
        },
    )


@dataclass(frozen=True)
class Uuid:
    """`z.string().uuid()` of zod 3 (any hex), `z.uuid()` of zod 4 (versions 1–8, nil, max)."""

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if not isinstance(value, str):
            into.wrong_type("string", value, path)
        elif not (_UUID_3 if into.zod == 3 else _UUID_4).fullmatch(value):
            into.add(
                {"validation": "uuid", "code": "invalid_string", "message": "Invalid uuid", "path": [*path]},
                {
                    "origin": "string",
                    "code": "invalid_format",
                    "format": "uuid",
                    "pattern": f"/{_UUID_4_SOURCE}/",
                    "path": list(path),
                    "message": "Invalid UUID",
                },
            )
        return value


_DATE = (
    r"(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:"
    r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|"
    r"(?:02)-(?:0[1-9]|1\d|2[0-8])))"
)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
_OFFSET = r"([+-](?:[01]\d|2[0-3]):[0-5]\d)"
_TIMES = {
    "date": f"^{_DATE}$",
    "datetime": f"^{_DATE}T(?:{_CLOCK}(?:Z))$",
    "offset": f"^{_DATE}T(?:{_CLOCK}(?:Z|{_OFFSET}))$",
}


@dataclass(frozen=True)
class IsoTime:
    """`z.iso.date()`, `z.iso.datetime()`, and the latter with `{offset: true}`."""

    kind: str = "datetime"

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        name, pattern = "date" if self.kind == "date" else "datetime", _TIMES[self.kind]
        if not isinstance(value, str):
            into.wrong_type("string", value, path)
        elif not re.fullmatch(pattern[1:-1], value, re.ASCII):
            into.add(
                {"code": "invalid_string", "validation": name, "message": f"Invalid {name}", "path": [*path]},
                {
                    "origin": "string",
                    "code": "invalid_format",
                    "format": name,
                    "pattern": f"/{pattern}/",
                    "path": list(path),
                    "message": f"Invalid ISO {name}",
                },
            )
        return value


@dataclass(frozen=True)
class Boolean:
    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if not isinstance(value, bool):
            into.wrong_type("boolean", value, path)
        return value


@dataclass(frozen=True)
class Number:
    """`z.number()`; `whole` and `minimum` as far as inputs use them."""

    whole: bool = False
    minimum: int | None = None
    maximum: int | None = None

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if isinstance(value, bool | BigInt) or not isinstance(value, int | float) or value != value:
            into.wrong_type("number", value, path)
            return value
        if self.whole and isinstance(value, float) and not value.is_integer():
            into.wrong_type("int" if into.zod == 4 else "integer", value, path)
            return value
        for bound, broken, word in (
            (self.minimum, self.minimum is not None and value < self.minimum, "small"),
            (self.maximum, self.maximum is not None and value > self.maximum, "big"),
        ):
            if broken:
                into.issues.append(_out_of_bounds(into.zod, word, bound, path))
        return int(value) if self.whole else value


def _out_of_bounds(zod: int, word: str, bound: int | None, path: Path) -> Issue:
    side, sign, edge = ("greater", ">=", "minimum") if word == "small" else ("less", "<=", "maximum")
    if zod == 3:
        text = f"Number must be {side} than or equal to {bound}"
        issue: Issue = {"code": f"too_{word}", edge: bound, "type": "number", "inclusive": True}
        return issue | {"exact": False, "message": text, "path": list(path)}
    text = f"Too {word}: expected number to be {sign}{bound}"
    issue = {"origin": "number", "code": f"too_{word}", edge: bound, "inclusive": True}
    return issue | {"path": list(path), "message": text}


@dataclass(frozen=True)
class Literal:
    """`z.literal(text)`, or of null."""

    text: str | None

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if value is not UNDEFINED and value == self.text:
            return value
        received = {} if value is UNDEFINED else {"received": plain(value)}
        wanted = json.dumps(self.text)
        into.add(
            received
            | {
                "code": "invalid_literal",
                "expected": self.text,
                "path": list(path),
                "message": f"Invalid literal value, expected {wanted}",
            },
            {
                "code": "invalid_value",
                "values": [self.text],
                "path": list(path),
                "message": f"Invalid input: expected {wanted}",
            },
        )
        return value


@dataclass(frozen=True)
class OneOf:
    """`z.enum([…])`."""

    texts: tuple[str, ...]

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if isinstance(value, str) and value in self.texts:
            return value
        quoted = " | ".join(f"'{text}'" for text in self.texts)
        if isinstance(value, str):
            three: Issue = {
                "received": value,
                "code": "invalid_enum_value",
                "options": list(self.texts),
                "path": list(path),
                "message": f"Invalid enum value. Expected {quoted}, received '{value}'",
            }
        else:
            got = type_name(value)
            text = "Required" if got == "undefined" else f"Expected {quoted}, received {got}"
            three = {
                "expected": quoted,
                "received": got,
                "code": "invalid_type",
                "path": [*path],
                "message": text,
            }
        options = "|".join(f'"{text}"' for text in self.texts)
        into.add(
            three,
            {
                "code": "invalid_value",
                "values": list(self.texts),
                "path": list(path),
                "message": f"Invalid option: expected one of {options}",
            },
        )
        return value
