"""A small validator that complains in the words of zod 3 or zod 4 (contract opencrvs §3.3).

A shape's `read` gives the parsed value and appends issues; no exceptions. Absent values are UNDEFINED.
Issues keep upstream's order of keys, because clients print them as they come.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from wire.opencrvs.javascript import UNDEFINED, BigInt, JSMap, JSSet

Issue = dict[str, Any]
Path = tuple[str | int, ...]

_UUID_3 = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UUID_4_SOURCE = (
    "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
    "|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$"
)
_UUID_4 = re.compile(_UUID_4_SOURCE)


@dataclass
class Reading:
    """One pass over one input: which zod's words to use, and what was found wrong so far."""

    zod: int
    issues: list[Issue] = field(default_factory=list)

    def wrong_type(self, expected: str, value: Any, path: Path) -> None:
        received = type_name(value)
        if self.zod == 3:
            text = "Required" if received == "undefined" else f"Expected {expected}, received {received}"
            issue: Issue = {"code": "invalid_type", "expected": expected, "received": received}
            self.issues.append(issue | {"path": list(path), "message": text})
            return
        text = f"Invalid input: expected {expected}, received {_zod4_name(received)}"
        self.issues.append(
            {"expected": expected, "code": "invalid_type", "path": list(path), "message": text}
        )

    def add(self, zod3: Issue, zod4: Issue) -> None:
        self.issues.append(zod3 if self.zod == 3 else zod4)


class Shape(Protocol):
    """What an input must look like."""

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        """The value as parsed; what is wrong goes into `into.issues`."""


def parse(shape: Shape, value: Any, zod: int) -> tuple[Any, list[Issue]]:
    """The parsed value and the issues; the value counts only when there are none."""
    reading = Reading(zod)
    parsed = shape.read(value, (), reading)
    return parsed, reading.issues


def issues_text(issues: Sequence[Issue]) -> str:
    """The message of the error that carries them: JSON indented by two."""
    return json.dumps(issues, indent=2, ensure_ascii=False)


def type_name(value: Any) -> str:
    """JavaScript's name of a value's type, as zod writes it."""
    if value is UNDEFINED:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, BigInt):
        return "bigint"
    if isinstance(value, int | float):
        return "nan" if value != value else "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    if isinstance(value, JSSet):
        return "set"
    if isinstance(value, JSMap):
        return "map"
    return "object" if isinstance(value, dict) else "date"


def _zod4_name(received: str) -> str:
    return {"nan": "NaN", "date": "Date", "set": "Set", "map": "Map"}.get(received, received)


@dataclass(frozen=True)
class Anything:
    """`z.any()`."""

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        return value


@dataclass(frozen=True)
class Void:
    """`z.void()`: no input at all."""

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if value is not UNDEFINED:
            into.wrong_type("void", value, path)
        return UNDEFINED


@dataclass(frozen=True)
class Text:
    """`z.string()`, with a least length and the words for when it is shorter."""

    minimum: int = 0
    too_short: str | None = None

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if not isinstance(value, str):
            into.wrong_type("string", value, path)
        elif len(value) < self.minimum:
            into.add(*_too_small(self.minimum, path, self.too_short))
        return value


def _too_small(minimum: int, path: Path, words: str | None) -> tuple[Issue, Issue]:
    three = words or f"String must contain at least {minimum} character(s)"
    four = words or f"Too small: expected string to have >={minimum} characters"
    return (
        {
            "code": "too_small",
            "minimum": minimum,
            "type": "string",
            "inclusive": True,
            "exact": False,
            "message": three,
            "path": list(path),
        },
        {
            "origin": "string",
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

    def read(self, value: Any, path: Path, into: Reading) -> Any:
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


@dataclass(frozen=True)
class Boolean:
    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if not isinstance(value, bool):
            into.wrong_type("boolean", value, path)
        return value


@dataclass(frozen=True)
class Number:
    """`z.number()`; `whole` and `minimum` as far as inputs use them."""

    whole: bool = False
    minimum: int | None = None
    maximum: int | None = None

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if isinstance(value, bool | BigInt) or not isinstance(value, int | float) or value != value:
            into.wrong_type("number", value, path)
            return value
        if self.whole and value != int(value):
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
    """`z.literal(text)`."""

    text: str

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if value == self.text and isinstance(value, str):
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

    def read(self, value: Any, path: Path, into: Reading) -> Any:
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


@dataclass(frozen=True)
class Optional:
    """May be absent; then it is `default` (called), or stays absent. `nullable` lets null pass."""

    shape: Shape
    default: Callable[[], Any] | None = None
    nullable: bool = False

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if value is UNDEFINED:
            return self.default() if self.default else UNDEFINED
        if value is None and self.nullable:
            return None
        return self.shape.read(value, path, into)


@dataclass(frozen=True)
class ListOf:
    """`z.array(…)`."""

    shape: Shape

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if not isinstance(value, list):
            into.wrong_type("array", value, path)
            return value
        return [self.shape.read(item, (*path, at), into) for at, item in enumerate(value)]


@dataclass(frozen=True)
class RecordOf:
    """`z.record(z.string(), …)`."""

    shape: Shape

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if not isinstance(value, dict):
            into.wrong_type("object" if into.zod == 3 else "record", value, path)
            return value
        return {key: self.shape.read(item, (*path, key), into) for key, item in value.items()}


@dataclass(frozen=True)
class Fields:
    """`z.object({…})`; `strict` refuses unknown keys, otherwise they are dropped."""

    fields: Mapping[str, Shape]
    strict: bool = False

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        if not isinstance(value, dict):
            into.wrong_type("object", value, path)
            return value
        parsed = {}
        for name, shape in self.fields.items():
            item = shape.read(value.get(name, UNDEFINED), (*path, name), into)
            if item is not UNDEFINED:
                parsed[name] = item
        unknown = [key for key in value if key not in self.fields]
        if unknown and self.strict:
            into.add(*_unknown_keys(unknown, path))
        return parsed


def _unknown_keys(keys: list[str], path: Path) -> tuple[Issue, Issue]:
    three = "Unrecognized key(s) in object: " + ", ".join(f"'{key}'" for key in keys)
    plural = "s" if len(keys) > 1 else ""
    four = f"Unrecognized key{plural}: " + ", ".join(json.dumps(key, ensure_ascii=False) for key in keys)
    issue: Issue = {"code": "unrecognized_keys", "keys": keys, "path": list(path)}
    return issue | {"message": three}, issue | {"message": four}


@dataclass(frozen=True)
class Union:
    """`z.union([…])`: the first that fits; when none does, the issues of all of them."""

    shapes: tuple[Shape, ...]

    def read(self, value: Any, path: Path, into: Reading) -> Any:
        tries = []
        for shape in self.shapes:
            attempt = Reading(into.zod)
            parsed = shape.read(value, path, attempt)
            if not attempt.issues:
                return parsed
            tries.append(attempt.issues)
        into.add(
            {
                "code": "invalid_union",
                "unionErrors": [{"issues": issues, "name": "ZodError"} for issues in tries],
                "path": list(path),
                "message": "Invalid input",
            },
            {"code": "invalid_union", "errors": tries, "path": list(path), "message": "Invalid input"},
        )
        return value


def plain(value: Any) -> Any:
    """A value as JSON.stringify shows it inside an issue."""
    return value if isinstance(value, str | int | float | bool | dict | list | None) else None
