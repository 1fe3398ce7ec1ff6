"""The short way in which our data files write conditions, turned into the toolkit's JSON Schema. Pure.

{is: [field, value]}   {in: [field, [a, b]]}   {blank: field}   {past: field}   {older: [field, days]}
{pattern: [field, regex]}   {same: [field, other]}   {between: [field, low, high]}
{flag: id}   {all: […]}   {any: […]}   {not: …}
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def schema_of(short: dict[str, Any]) -> Schema:
    """The JSON Schema of one condition; ValueError for a word that is not in the list."""
    ((word, told),) = short.items()
    match word:
        case "all":
            return {"type": "object", "allOf": [schema_of(one) for one in told], "required": []}
        case "any":
            return {"type": "object", "anyOf": [schema_of(one) for one in told], "required": []}
        case "not":
            return {"type": "object", "not": schema_of(told), "required": []}
        case "is":
            return _form(told[0], {"const": told[1]})
        case "in":
            return _form(told[0], {"enum": list(told[1])})
        case "same":
            return _same(*told)
        case "pattern":
            return _form(told[0], {"type": "string", "pattern": told[1]})
        case "between":
            return _form(told[0], {"type": "number", "minimum": told[1], "maximum": told[2]})
        case "past":
            return _form(told, _date(1, "before"))
        case "older":
            return _form(told[0], _date(-told[1], "before"))
        case "blank":
            return _blank(told)
        case "flag":
            return {
                "type": "object",
                "properties": {"$flags": {"type": "array", "contains": {"const": told}}},
                "required": ["$flags"],
            }
        case _:
            raise ValueError(f"{word!r} is no condition of the short form")


def _same(field: str, other: str) -> Schema:
    kinds = ["string", "boolean", "number"]
    values = {field: {"type": kinds, "const": {"$data": f"/$form/{other}"}}, other: {"type": kinds}}
    form = {"type": "object", "properties": values, "required": [field, other]}
    return {"type": "object", "properties": {"$form": form}, "required": ["$form"]}


def _date(days: int, clause: str) -> Schema:
    return {"type": "string", "format": "date", "daysFromDate": {"days": days, "clause": clause}}


def _form(field: str, value: Schema) -> Schema:
    form = {"type": "object", "properties": {field: value}, "required": [field]}
    return {"type": "object", "properties": {"$form": form}, "required": ["$form"]}


def _blank(field: str) -> Schema:
    empty = {"enum": [None, False, ""]}
    absent = {"not": {"required": [field]}}
    form = {"type": "object", "anyOf": [absent, {"properties": {field: empty}, "required": [field]}]}
    return {"type": "object", "properties": {"$form": form}, "required": ["$form"]}
