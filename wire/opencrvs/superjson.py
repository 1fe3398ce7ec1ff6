"""superjson 1.9.0-0, both directions, as OpenCRVS's tRPC uses it (contract opencrvs §3.4).

`{"json": …, "meta"?: {"values": …, "referentialEqualities"?: …}}`. Upstream's behaviour is kept where it
surprises: a leaf under a key with a dot is annotated by a path that the decoder cannot find again, so its
value stays what JSON could hold (`undefined` becomes null, a Date stays text).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from wire.opencrvs.javascript import (
    UNDEFINED,
    URL,
    BigInt,
    InvalidDate,
    JSError,
    JSMap,
    JSSet,
    RegExp,
    Undefined,
)
from wire.opencrvs.superjson_decode import SuperJSONError, deserialize

__all__ = ["UNDEFINED", "SuperJSONError", "deserialize", "iso_text", "serialize"]

_PLAIN: Final = frozenset({str, int, bool, type(None)})

Annotations = list[Any] | dict[str, Any] | None


def serialize(value: Any, *, equalities: bool = False) -> dict[str, Any]:
    """`value` with what JSON cannot hold described in `meta`; containers are copied, never changed.

    With `equalities`, containers that occur twice are named as JavaScript does. Off by default: in Python
    a value shared by two documents is our doing, and upstream's documents never share.
    """
    walk = _Walk(equalities)
    plain, annotations = walk.any(value, ())
    result: dict[str, Any] = {"json": plain}
    meta: dict[str, Any] = {}
    if annotations:
        meta["values"] = annotations
    if equalities and (same := walk.equalities()) is not None:
        meta["referentialEqualities"] = same
    if meta:
        result["meta"] = meta
    return result


def iso_text(instant: datetime) -> str:
    """`Date.prototype.toISOString()`: UTC, milliseconds, Z."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Walk:
    """One serialisation: which containers are open on the way down, and where each object was met."""

    def __init__(self, track: bool) -> None:
        self._track = track
        self._open: set[int] = set()
        self._met: dict[Any, tuple[Any, list[tuple[str, ...]]]] = {}

    def any(self, value: Any, path: tuple[str, ...]) -> tuple[Any, Annotations]:
        if type(value) in _PLAIN or isinstance(value, str):
            return value, None
        if self._track:
            self._meet(value, path)
        if isinstance(value, Mapping):
            return self._deep(value, value.items(), {}, None, path)
        if isinstance(value, list | tuple):
            return self._deep(value, enumerate(value), [], None, path)
        if isinstance(value, JSSet | set | frozenset):
            members = value.values if isinstance(value, JSSet) else list(value)
            return self._deep(value, enumerate(members), [], "set", path)
        if isinstance(value, JSMap):
            return self._deep(value, enumerate(tuple(pair) for pair in value.entries), [], "map", path)
        return _leaf(value)

    def _deep(
        self, value: Any, items: Any, plain: Any, kind: str | None, path: tuple[str, ...]
    ) -> tuple[Any, Annotations]:
        if id(value) in self._open:
            return None, None  # a circle: JavaScript's walker writes null here, too
        self._open.add(id(value))
        inner: dict[str, Any] = {}
        for index, member in items:
            key = index if isinstance(index, str) else str(index)
            below, annotations = self.any(member, (*path, key) if self._track else ())
            if isinstance(plain, list):
                plain.append(below)
            else:
                plain[key] = below
            if isinstance(annotations, list):
                inner[key] = annotations  # the key goes in bare: this is the trap of dotted keys
            elif annotations:
                prefix = key.replace(".", "\\.") + "."
                for tail, tree in annotations.items():
                    inner[prefix + tail] = tree
        self._open.discard(id(value))
        if kind is None:
            return plain, inner or None
        return plain, [kind, inner] if inner else [kind]

    def _meet(self, value: Any, path: tuple[str, ...]) -> None:
        key = _identity(value)
        if key is not None:
            self._met.setdefault(key, (value, []))[1].append(path)

    def equalities(self) -> Any:
        named: dict[str, list[str]] = {}
        root: list[str] | None = None
        for _, paths in self._met.values():
            if len(paths) > 1:
                shortest, *others = sorted(paths, key=len)
                if shortest:
                    named[_path_text(shortest)] = [_path_text(other) for other in others]
                else:
                    root = [_path_text(other) for other in others]
        if root is not None:
            return [root, named] if named else [root]
        return named or None


def _identity(value: Any) -> Any:
    """What makes two values the same object to JavaScript's Map; None for primitives."""
    if isinstance(value, BigInt):
        return value
    if isinstance(value, int | float):
        return "NaN" if math.isnan(value) else None  # upstream takes NaN for no primitive
    if isinstance(value, tuple | Undefined):
        return None
    return id(value)


def _path_text(path: tuple[str, ...]) -> str:
    return ".".join(part.replace(".", "\\.") for part in path)


def _leaf(value: Any) -> tuple[Any, Annotations]:
    if isinstance(value, float):
        return _float_leaf(value)
    for kind, write in _LEAVES:
        if isinstance(value, kind):
            return write(value)
    if isinstance(value, int):  # an IntEnum and its like
        return int(value), None
    raise TypeError(f"superjson cannot carry a {type(value).__name__}")


def _float_leaf(value: float) -> tuple[Any, Annotations]:
    if math.isnan(value):
        return "NaN", ["number"]
    if math.isinf(value):
        return ("Infinity" if value > 0 else "-Infinity"), ["number"]
    if value == 0 and math.copysign(1, value) < 0:
        return "-0", ["number"]
    return value, None


_LEAVES: Final[tuple[tuple[type, Callable[[Any], tuple[Any, Annotations]]], ...]] = (
    (Undefined, lambda _: (None, ["undefined"])),
    (datetime, lambda value: (iso_text(value), ["Date"])),
    (InvalidDate, lambda _: (None, None)),
    (BigInt, lambda value: (str(value.value), ["bigint"])),
    (RegExp, lambda value: (str(value), ["regexp"])),
    (JSError, lambda value: ({"name": value.name, "message": value.message}, ["Error"])),
    (URL, lambda value: (value.href, None)),
)
