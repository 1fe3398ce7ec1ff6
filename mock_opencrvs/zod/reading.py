"""A small validator that complains in the words of zod 3 or zod 4 (contract opencrvs §3.3).

A shape's `read` gives the parsed value and appends issues; no exceptions. Absent values are UNDEFINED.
Issues keep upstream's order of keys, because clients print them as they come.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from wire.opencrvs.javascript import UNDEFINED, BigInt, JSMap, JSSet

Issue = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass
class Parse:
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

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        """The value as parsed; what is wrong goes into `into.issues`."""


def parse(shape: Shape, value: Any, zod: int) -> tuple[Any, list[Issue]]:
    """The parsed value and the issues; the value counts only when there are none."""
    reading = Parse(zod)
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


def plain(value: Any) -> Any:
    """A value as JSON.stringify shows it inside an issue."""
    return value if isinstance(value, str | int | float | bool | dict | list | None) else None
