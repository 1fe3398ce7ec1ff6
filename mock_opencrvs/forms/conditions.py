"""Conditions of an event configuration: JSON Schema as core's ajv reads it, evaluated. Pure.

A condition sees the whole context `{"$form": {…}, "$now": "2026-03-02", "$user": {…}, …}`. Beside plain
JSON Schema there are `{"$data": "/$form/x"}` and `{"$data": "1/x"}` (a value elsewhere; a keyword whose value
is not there holds), `formatMinimum` and its kin, `daysFromDate` and `isLeafLevelLocation`. Unknown keywords
hold, and so does `customClientValidator`, whose JavaScript nothing here can run.
Upstream: packages/commons/src/conditionals; ajv with $data, ajv-formats.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mock_opencrvs.forms.formats import has_format, instant
from mock_opencrvs.forms.patterns import compiled

Schema = Mapping[str, Any] | bool
_MISSING = object()

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True)
class DataPath:
    """Where in the context a schema is applied: the values above it, outermost first, and the keys taken."""

    above: tuple[Any, ...] = ()
    path: tuple[str, ...] = ()

    def below(self, value: Any, key: str) -> DataPath:
        return DataPath((*self.above, value), (*self.path, key))

    def referred(self, wanted: Any, value: Any) -> Any:
        """A literal, or what `{"$data": …}` points to: absolute, or so many levels up and down again."""
        if not (isinstance(wanted, dict) and "$data" in wanted):
            return wanted
        levels, _, rest = str(wanted["$data"]).partition("/")
        chain = (*self.above, value)
        found: Any = chain[max(len(chain) - 1 - int(levels), 0)] if levels.isdigit() else chain[0]
        for part in rest.split("/") if rest else ():
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isdigit() and int(name) < len(found):
                found = found[int(name)]
            else:
                found = found.get(name, _MISSING) if isinstance(found, dict) else _MISSING
        return found


_TOP = DataPath()


def holds(schema: Schema, value: Any, place: DataPath = _TOP) -> bool:
    """Whether the value fits the schema. BadPattern when a pattern in it is none."""
    if isinstance(schema, bool):
        return schema
    # plain loops here and in `_properties`: they run hundreds of times for every declaration
    for name, wanted in schema.items():
        keyword = _KEYWORDS.get(name)
        if keyword is not None and not keyword(wanted, value, place, schema):
            return False
    return True


def _type(wanted: Any, value: Any, *_: Any) -> bool:
    for name in wanted if isinstance(wanted, list) else (wanted,):
        if name == "integer":
            if _number(value) and float(value).is_integer():
                return True
            continue
        kinds = _TYPES.get(name, ())
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
            return True
    return False


def equal(one: Any, other: Any) -> bool:
    """JSON's equality: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _properties(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    if not isinstance(value, dict):
        return True
    for name, sub in wanted.items():
        if name in value and not holds(sub, value[name], place.below(value, name)):
            return False
    return True


def _pattern_properties(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    return not isinstance(value, dict) or all(
        holds(sub, held, place.below(value, name))
        for pattern, sub in wanted.items()
        for name, held in value.items()
        if compiled(pattern).search(name)
    )


def _additional_properties(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    if not isinstance(value, dict):
        return True
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return all(
        holds(wanted, held, place.below(value, name))
        for name, held in value.items()
        if name not in known and not any(compiled(pattern).search(name) for pattern in patterns)
    )


def _if(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    return holds(schema.get("then" if holds(wanted, value, place) else "else", True), value, place)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


Keyword = Callable[[Any, Any, DataPath, Any], bool]


def _of(applies: Callable[[Any], bool], fits: Callable[[Any, Any], object]) -> Keyword:
    """A keyword about some values; others pass it, and so do all when what it refers to is not there."""

    def keyword(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
        if not applies(value):
            return True
        other = place.referred(wanted, value)
        return other is _MISSING or bool(fits(value, other))

    return keyword


def _bound(applies: Callable[[Any], bool], fits: Callable[[Any, Any], bool]) -> Keyword:
    """A limit to numbers, or to how long or large a text, list or object is."""
    measured = (lambda value: value) if applies is _number else len
    return _of(applies, lambda value, limit: _number(limit) and fits(measured(value), limit))


def _format_bound(fits: Callable[[Any, Any], bool]) -> Keyword:
    """`formatMinimum` and its kin: ISO dates and times compare as texts."""
    return _of(_text, lambda value, limit: _text(limit) and fits(value, limit))


def _multiple(value: Any, step: Any) -> bool:
    return bool(step) and float(value / step).is_integer()


def _items(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    return not isinstance(value, list) or all(
        holds(wanted, one, place.below(value, str(at))) for at, one in enumerate(value)
    )


def _contains(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    if not isinstance(value, list):
        return True
    found = sum(holds(wanted, one, place.below(value, str(at))) for at, one in enumerate(value))
    return bool(schema.get("minContains", 1) <= found <= schema.get("maxContains", len(value)))


def _unique(wanted: Any, value: Any, *_: Any) -> bool:
    if not (wanted and isinstance(value, list)):
        return True
    return not any(equal(one, other) for at, one in enumerate(value) for other in value[:at])


def _days_from_date(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    if not isinstance(value, str):
        return True
    reference = place.referred(wanted.get("referenceDate"), value)
    if reference is _MISSING or not reference:
        reference = (*place.above, value)[0]["$now"]
    given, base = instant(value), instant(reference)
    if given is None or base is None:
        return False
    edge = base + timedelta(days=wanted["days"])
    return given > edge if wanted["clause"] == "after" else given < edge


def _leaf_level(wanted: Any, value: Any, place: DataPath, schema: Any) -> bool:
    if not isinstance(value, str):
        return True
    leaves = (*place.above, value)[0].get("$leafAdminStructureLocationIds", ())
    return any(leaf["id"] == value for leaf in leaves)


_KEYWORDS: Mapping[str, Keyword] = {
    "type": _type,
    "const": _of(lambda value: True, equal),
    "enum": _of(lambda value: True, lambda value, choices: any(equal(value, one) for one in choices)),
    "required": _of(_object, lambda value, names: all(name in value for name in names)),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": lambda wanted, value, place, schema: (
        not _object(value) or all(holds(wanted, name, place) for name in value)
    ),
    "not": lambda wanted, value, place, schema: not holds(wanted, value, place),
    "allOf": lambda wanted, value, place, schema: all(holds(one, value, place) for one in wanted),
    "anyOf": lambda wanted, value, place, schema: any(holds(one, value, place) for one in wanted),
    "oneOf": lambda wanted, value, place, schema: sum(holds(one, value, place) for one in wanted) == 1,
    "if": _if,
    "pattern": _of(_text, lambda value, pattern: compiled(pattern).search(value)),
    "minimum": _bound(_number, operator.ge),
    "maximum": _bound(_number, operator.le),
    "exclusiveMinimum": _bound(_number, operator.gt),
    "exclusiveMaximum": _bound(_number, operator.lt),
    "multipleOf": _bound(_number, _multiple),
    "minLength": _bound(_text, operator.ge),
    "maxLength": _bound(_text, operator.le),
    "minItems": _bound(_list, operator.ge),
    "maxItems": _bound(_list, operator.le),
    "minProperties": _bound(_object, operator.ge),
    "maxProperties": _bound(_object, operator.le),
    "items": _items,
    "contains": _contains,
    "uniqueItems": _unique,
    "format": _of(_text, lambda value, name: has_format(name, value)),
    "formatMinimum": _format_bound(operator.ge),
    "formatMaximum": _format_bound(operator.le),
    "formatExclusiveMinimum": _format_bound(operator.gt),
    "formatExclusiveMaximum": _format_bound(operator.lt),
    "daysFromDate": _days_from_date,
    "isLeafLevelLocation": _leaf_level,
}
