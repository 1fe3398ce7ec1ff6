"""Conditions of an event configuration: the part of JSON Schema that OpenCRVS's toolkit writes, evaluated.

A condition sees `{"$form": {…}, "$now": "2026-03-02", …}`. Beside plain JSON Schema there are `daysFromNow`
(a date relative to today) and `{"$data": "1/other"}` (a value elsewhere). Unknown keywords hold. Pure.
Upstream: packages/commons/src/conditionals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

Schema = Mapping[str, Any] | bool

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def holds(schema: Schema, value: Any, today: date, parents: tuple[Any, ...] = ()) -> bool:
    """Whether the value fits the schema. `parents` are the values above it, outermost first."""
    if isinstance(schema, bool):
        return schema
    # plain loops here and in `_properties`: they run hundreds of times for every declaration
    for name, wanted in schema.items():
        keyword = _KEYWORDS.get(name)
        if keyword is not None and not keyword(wanted, value, today, parents, schema):
            return False
    return True


def _type(wanted: Any, value: Any, *_: Any) -> bool:
    for name in wanted if isinstance(wanted, list) else (wanted,):
        kinds = _TYPES.get(name, ())
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
            return True
    return False


def _referred(wanted: Any, value: Any, parents: tuple[Any, ...]) -> Any:
    """A literal, or what a relative JSON pointer (`1/child.dob`) points to."""
    if not (isinstance(wanted, dict) and "$data" in wanted):
        return wanted
    steps, _, path = str(wanted["$data"]).partition("/")
    chain = (*parents, value)
    up = int(steps) if steps.isdigit() else len(chain) - 1
    found: Any = chain[max(len(chain) - 1 - up, 0)]
    for part in path.split("/") if path else ():
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _const(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    other = _referred(wanted, value, parents)
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _enum(wanted: Any, value: Any, *_: Any) -> bool:
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in wanted)


def _required(wanted: Any, value: Any, *_: Any) -> bool:
    return not isinstance(value, dict) or all(name in value for name in wanted)


def _properties(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    if not isinstance(value, dict):
        return True
    below = (*parents, value)
    for name, sub in wanted.items():
        if name in value and not holds(sub, value[name], today, below):
            return False
    return True


def _not(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    return not holds(wanted, value, today, parents)


def _all(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    return all(holds(one, value, today, parents) for one in wanted)


def _any(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    return any(holds(one, value, today, parents) for one in wanted)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("$", r"\Z") if pattern.endswith("$") else pattern)


def _pattern(wanted: Any, value: Any, *_: Any) -> bool:
    return not isinstance(value, str) or bool(_compiled(wanted).search(value))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _minimum(wanted: Any, value: Any, *_: Any) -> bool:
    return not _number(value) or bool(value >= wanted)


def _maximum(wanted: Any, value: Any, *_: Any) -> bool:
    return not _number(value) or bool(value <= wanted)


def _min_length(wanted: Any, value: Any, *_: Any) -> bool:
    return not isinstance(value, str) or len(value) >= wanted


def _max_length(wanted: Any, value: Any, *_: Any) -> bool:
    return not isinstance(value, str) or len(value) <= wanted


def _items(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    return not isinstance(value, list) or all(holds(wanted, v, today, (*parents, value)) for v in value)


def _contains(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    return not isinstance(value, list) or any(holds(wanted, v, today, (*parents, value)) for v in value)


def _format(wanted: Any, value: Any, *_: Any) -> bool:
    return wanted != "date" or not isinstance(value, str) or as_date(value) is not None


def _days_from_now(wanted: Any, value: Any, today: date, parents: tuple[Any, ...], schema: Any) -> bool:
    given = as_date(value)
    if given is None:
        return False
    edge = today + timedelta(days=int(wanted["days"]))
    return given < edge if wanted["clause"] == "before" else given > edge


_KEYWORDS = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "properties": _properties,
    "not": _not,
    "allOf": _all,
    "anyOf": _any,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _min_length,
    "maxLength": _max_length,
    "items": _items,
    "contains": _contains,
    "format": _format,
    "daysFromNow": _days_from_now,
}


def as_date(value: Any) -> date | None:
    """A calendar day written `2026-02-20`; None for anything else."""
    if not (isinstance(value, str) and len(value) == 10):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
