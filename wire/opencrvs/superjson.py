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


def serialize(value: Any) -> dict[str, Any]:
    """`value` with what JSON cannot hold described in `meta`; containers are copied, never changed.

    Containers that occur twice are not named as equal: here a value shared by two documents is our doing,
    and upstream's documents never share.
    """
    plain, annotations = _any(value, set())
    return {"json": plain, "meta": {"values": annotations}} if annotations else {"json": plain}


def iso_text(instant: datetime) -> str:
    """`Date.prototype.toISOString()`: UTC, milliseconds, Z."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _any(value: Any, around: set[int]) -> tuple[Any, Annotations]:
    """`around`: the containers that are open on the way down."""
    if type(value) in _PLAIN or isinstance(value, str):
        return value, None
    if isinstance(value, Mapping):
        return _deep(value, value.items(), {}, None, around)
    if isinstance(value, list | tuple):
        return _deep(value, enumerate(value), [], None, around)
    if isinstance(value, JSSet | set | frozenset):
        members = value.values if isinstance(value, JSSet) else list(value)
        return _deep(value, enumerate(members), [], "set", around)
    if isinstance(value, JSMap):
        return _deep(value, enumerate(tuple(pair) for pair in value.entries), [], "map", around)
    return _leaf(value)


def _deep(value: Any, items: Any, plain: Any, kind: str | None, around: set[int]) -> tuple[Any, Annotations]:
    if id(value) in around:
        return None, None  # a circle: JavaScript's walker writes null here, too
    around.add(id(value))
    inner: dict[str, Any] = {}
    for index, member in items:
        key = index if isinstance(index, str) else str(index)
        below, annotations = _any(member, around)
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
    around.discard(id(value))
    if kind is None:
        return plain, inner or None
    return plain, [kind, inner] if inner else [kind]


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
