"""Objects, lists, records, unions and what may be absent. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mock_opencrvs.zod.reading import Issue, Parse, Path, Shape
from mock_opencrvs.zod.scalars import too_small
from wire.opencrvs.javascript import UNDEFINED


@dataclass(frozen=True)
class Optional:
    """May be absent; then it is `default` (called), or stays absent. `nullable` lets null pass."""

    shape: Shape
    default: Callable[[], Any] | None = None
    nullable: bool = False

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if value is UNDEFINED:
            return self.default() if self.default else UNDEFINED
        if value is None and self.nullable:
            return None
        return self.shape.read(value, path, into)


@dataclass(frozen=True)
class Nullable:
    """Must be there, and may be null."""

    shape: Shape

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        return None if value is None else self.shape.read(value, path, into)


@dataclass(frozen=True)
class ListOf:
    """`z.array(…)`; `filled`: it must not be empty, with the words for when it is."""

    shape: Shape
    empty: str | None = None
    filled: bool = False

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if not isinstance(value, list):
            into.wrong_type("array", value, path)
            return value
        if not value and (self.filled or self.empty is not None):
            into.add(*too_small("array", 1, path, self.empty))
        return [self.shape.read(item, (*path, at), into) for at, item in enumerate(value)]


@dataclass(frozen=True)
class RecordOf:
    """`z.record(z.string(), …)`."""

    shape: Shape

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if not isinstance(value, dict):
            into.wrong_type("object" if into.zod == 3 else "record", value, path)
            return value
        parsed = {key: self.shape.read(item, (*path, key), into) for key, item in value.items()}
        return {key: item for key, item in parsed.items() if item is not UNDEFINED}


@dataclass(frozen=True)
class Fields:
    """`z.object({…})`; `strict` refuses unknown keys, otherwise they are dropped."""

    fields: Mapping[str, Shape]
    strict: bool = False

    def read(self, value: Any, path: Path, into: Parse) -> Any:
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
    """`z.union([…])`: the first that fits; when none does, the issues of all, in zod 4 by paths from here."""

    shapes: tuple[Shape, ...]

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        tries = []
        for shape in self.shapes:
            attempt = Parse(into.zod)
            parsed = shape.read(value, path if into.zod == 3 else (), attempt)
            if not attempt.issues:
                return parsed
            tries.append(attempt.issues)
        none_fits(tries, path, into)
        return value


def none_fits(tries: list[list[Issue]], path: Path, into: Parse) -> None:
    """The issue of a union: those of all its shapes."""
    into.add(
        {
            "code": "invalid_union",
            "unionErrors": [{"issues": issues, "name": "ZodError"} for issues in tries],
            "path": list(path),
            "message": "Invalid input",
        },
        {"code": "invalid_union", "errors": tries, "path": list(path), "message": "Invalid input"},
    )
