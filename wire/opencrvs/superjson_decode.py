"""The reading half of superjson 1.9.0-0: annotations applied to plain JSON (contract opencrvs §3.4)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wire.opencrvs.javascript import INVALID_DATE, UNDEFINED, BigInt, JSError, JSMap, JSSet, RegExp


class SuperJSONError(ValueError):
    """A body whose annotations cannot be applied; a tRPC server answers 400 with this message."""


def deserialize(payload: Any) -> Any:
    """The value of `{"json": …, "meta"?: …}`. `json` is changed in place where annotations say so.

    A payload without `json` is UNDEFINED, as in JavaScript. Referential equalities are accepted; both
    copies are in `json`, so nothing needs doing. Raises SuperJSONError.
    """
    if payload is None:
        raise SuperJSONError("Cannot read properties of null (reading 'json')")
    if not isinstance(payload, dict):
        return UNDEFINED
    value = payload.get("json", UNDEFINED)
    meta = payload.get("meta")
    annotations = meta.get("values") if isinstance(meta, dict) else None
    if annotations:
        for kind, path in _traverse(annotations, ()):
            value = _set_deep(value, path, _restorer(kind))
    return value


def _traverse(tree: Any, origin: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Annotation kinds with their paths, children before their parent."""
    if isinstance(tree, list):
        kind = tree[0] if tree else UNDEFINED
        children = tree[1] if len(tree) > 1 else None
        yield from _branches(children, origin)
        yield kind, origin
    else:
        yield from _branches(tree, origin)


def _branches(children: Any, origin: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    if isinstance(children, dict):
        items: Any = children.items()
    elif isinstance(children, list):
        items = ((str(index), child) for index, child in enumerate(children))
    elif isinstance(children, str):
        # JavaScript would go through the characters for ever
        raise SuperJSONError("Maximum call stack size exceeded")
    else:
        return
    for key, child in items:
        if child:
            yield from _traverse(child, origin + parse_path(key))


def parse_path(text: str) -> tuple[str, ...]:
    """`a.b\\.c` into its parts."""
    if "\\." not in text:
        return tuple(text.split("."))
    return tuple(part.replace("\0", ".") for part in text.replace("\\.", "\0").split("."))


def _set_deep(root: Any, path: tuple[str, ...], restore: Callable[[Any], Any]) -> Any:
    """Replace what lies at `path`; a path that leads nowhere changes nothing."""
    if not path:
        return restore(root)
    parent = root
    steps = iter(range(len(path) - 1))
    for step in steps:
        key = path[step]
        if isinstance(parent, list):
            parent = _element(parent, key)
        elif isinstance(parent, dict):
            parent = parent.get(key, UNDEFINED)
        elif isinstance(parent, JSSet):
            parent = _element(parent.values, key)
        elif isinstance(parent, JSMap):
            if step == len(path) - 2:
                break
            row = _element(parent.entries, key)
            side = path[next(steps)]
            parent = row[0 if side == "0" else 1] if isinstance(row, list) else UNDEFINED
    _replace(parent, path, restore)
    return root


def _replace(parent: Any, path: tuple[str, ...], restore: Callable[[Any], Any]) -> None:
    last = path[-1]
    if isinstance(parent, dict):
        parent[last] = restore(parent.get(last, UNDEFINED))
    elif isinstance(parent, list | JSSet):
        values = parent if isinstance(parent, list) else parent.values
        index = _index(last)
        if index is not None and index < len(values):
            values[index] = restore(values[index])
    elif isinstance(parent, JSMap) and len(path) > 1:
        row = _element(parent.entries, path[-2])
        if isinstance(row, list):
            side = 0 if last == "0" else 1
            row[side] = restore(row[side])


def _index(key: str) -> int | None:
    return int(key) if key.isascii() and key.isdecimal() and len(key) < 10 else None


def _element(values: list[Any], key: str) -> Any:
    index = _index(key)
    return values[index] if index is not None and index < len(values) else UNDEFINED


def _restorer(kind: Any) -> Callable[[Any], Any]:
    restore = _RESTORERS.get(kind) if isinstance(kind, str) else None
    if restore is None:
        shown = ",".join(map(str, kind)) if isinstance(kind, list) else kind
        raise SuperJSONError(f"Unknown transformation: {shown}")
    return restore


def _undefined(_: Any) -> Any:
    return UNDEFINED


def _number(value: Any) -> float | int:
    if isinstance(value, str):
        text = value.strip()
        named = {"": 0.0, "Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(text)
        if named is not None:
            return named
        return float(text) if _DECIMAL.fullmatch(text) else math.nan
    if isinstance(value, bool) or value is None:
        return int(bool(value))
    return value if isinstance(value, int | float) else math.nan


def _bigint(value: Any) -> BigInt:
    if isinstance(value, bool | int):
        return BigInt(int(value))
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return BigInt(int(value.strip() or "0"))
    raise SuperJSONError(f"Cannot convert {value} to a BigInt")


def _date(value: Any) -> Any:
    """`new Date(value)` for milliseconds and for ISO texts; everything else is an invalid date."""
    if isinstance(value, bool) or value is None:
        value = int(bool(value))
    try:
        if isinstance(value, int | float):
            return _EPOCH + timedelta(milliseconds=math.trunc(value))
        if isinstance(value, str) and _ISO.fullmatch(value):
            instant = datetime.fromisoformat(value)
            # without a zone, JavaScript takes a date for UTC and a date with time for local; ours is UTC
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return INVALID_DATE
    return INVALID_DATE


def _regexp(value: Any) -> RegExp:
    if not isinstance(value, str):
        raise SuperJSONError("regex.slice is not a function")
    end = value.rfind("/")
    flags = value[end + 1 :]
    if not set(flags) <= set("dgimsuvy") or len(set(flags)) != len(flags):
        raise SuperJSONError(f"Invalid flags supplied to RegExp constructor '{flags}'")
    return RegExp(value[1 : end if end >= 0 else len(value) - 1], flags)


def _error(value: Any) -> JSError:
    if not isinstance(value, Mapping):
        if value is None or value is UNDEFINED:
            raise SuperJSONError("Cannot read properties of null (reading 'message')")
        return JSError("", "undefined")
    return JSError(str(value.get("message", "")), str(value.get("name", "undefined")))


def _not_iterable(value: Any) -> SuperJSONError:
    shown = (
        "object"
        if isinstance(value, dict)
        else f"{'boolean' if isinstance(value, bool) else 'number'} {value}"
    )
    return SuperJSONError(f"{shown} is not iterable (cannot read property Symbol(Symbol.iterator))")


def _set(value: Any) -> JSSet:
    if value is None or value is UNDEFINED:
        return JSSet()
    if isinstance(value, str):
        return JSSet(list(dict.fromkeys(value)))
    if not isinstance(value, list):
        raise _not_iterable(value)
    return JSSet(value)


def _map(value: Any) -> JSMap:
    if value is None or value is UNDEFINED:
        return JSMap()
    if not isinstance(value, list):
        raise _not_iterable(value)
    pairs = []
    for entry in value:
        if not isinstance(entry, list):
            raise SuperJSONError(f"Iterator value {entry} is not an entry object")
        pairs.append([*entry[:2], *[UNDEFINED] * (2 - len(entry))])
    return JSMap(pairs)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE: Final = re.compile(r"-?\d{0,4000}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_RESTORERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "undefined": _undefined,
    "bigint": _bigint,
    "Date": _date,
    "Error": _error,
    "regexp": _regexp,
    "set": _set,
    "map": _map,
    "number": _number,
}
