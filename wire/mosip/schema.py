"""The ID schema: which fields a packet may hold, and what is wrong with a packet's fields. Pure.

Source: contract mosip §2.3 (sub-packets), §2.5 (mandatory attributes), §2.6 (fields and rules). The shipped
schema, `id_schema.json`, is our own text with those fields. MOSIP validates with the schema *stored* there
under the packet's `IDSchemaVersion`, not with the one in the request (§3.5).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from wire.foreign_json import read_json

_FILE = Path(__file__).with_name("id_schema.json")
_SUBPACKETS = ("id", "evidence", "optional")

MANDATORY: Mapping[str, tuple[str, ...]] = {
    "CRVS_NEW": (
        "IDSchemaVersion",
        "fullName",
        "dateOfBirth|age",
        "gender",
        "addressLine1",
        "region",
        "province",
        "city",
        "zone",
    ),
    "CRVS_DEATH": ("IDSchemaVersion", "UIN"),
    "OPENCRVS_NEW": ("IDSchemaVersion",),
    "CRVS_UPDATE": ("IDSchemaVersion",),
}
"""Mandatory attributes of each process; `a|b` is either. Stock MOSIP names UIN for CRVS_NEW too (§2.5)."""


@dataclass(frozen=True)
class FieldFault:
    """A field that the validator stage would not let through."""

    field: str
    why: str


@cache
def text() -> str:
    """The shipped ID schema as compact JSON text: what goes into `schemaJson`."""
    return json.dumps(json.loads(_FILE.read_text(encoding="utf-8")), separators=(",", ":"))


@lru_cache(maxsize=32)
def parse(schema_json: str | None) -> Mapping[str, Any] | None:
    """The field definitions in a schema text, by name; None when it is no ID schema."""
    try:
        properties = read_json(schema_json or "")["properties"]["identity"]["properties"]
    except (ValueError, KeyError, TypeError):
        return None
    return properties if isinstance(properties, dict) else None


@lru_cache(maxsize=32)
def subpackets(schema_json: str | None) -> tuple[str, ...]:
    """Which sub-packets a schema makes: `pvt`, `kyc`, `none` go to id, the others to their own (§2.3)."""
    fields = parse(schema_json) or {}
    categories = {
        str(definition.get("fieldCategory"))
        for definition in fields.values()
        if isinstance(definition, Mapping)
    }
    return tuple(name for name in _SUBPACKETS if name == "id" or name in categories)


def faults(
    process: str,
    fields: Mapping[str, str],
    *,
    schema_json: str | None = None,
    mandatory: Mapping[str, tuple[str, ...]] = MANDATORY,
    unknown_fields: bool = False,
) -> list[FieldFault]:
    """What the validator stage finds: missing mandatory attributes, unknown fields, broken values.

    `fields` are texts as packet manager stored them; an empty text counts as absent. `unknown_fields=True`
    lets fields through that the schema does not name.
    """
    known = parse(schema_json if schema_json is not None else text()) or {}
    present = {name: value for name, value in fields.items() if value != ""}
    found = [
        FieldFault(rule, "mandatory for this process, but missing")
        for rule in mandatory.get(process, ("IDSchemaVersion",))
        if not any(name in present for name in rule.split("|"))
    ]
    for name, value in present.items():
        definition = known.get(name)
        if not isinstance(definition, Mapping):
            if not unknown_fields:
                found.append(FieldFault(name, "not a field of the ID schema"))
            continue
        why = _value_fault(value, definition)
        if why is not None:
            found.append(FieldFault(name, why))
    return found


def value_fault(name: str, value: str, schema_json: str | None = None) -> str | None:
    """What a schema (the shipped one) has against a value; None when it takes it, or knows no such field."""
    definition = (parse(schema_json or text()) or {}).get(name)
    return _value_fault(value, definition) if isinstance(definition, Mapping) else None


def _value_fault(value: str, definition: Mapping[str, Any]) -> str | None:
    if str(definition.get("$ref", "")).endswith("/simpleType"):
        return _language_fault(value, definition)
    kind = definition.get("type")
    if kind == "number":
        return None if _is_number(value) else "a number is due"
    if kind == "boolean":
        return None if value in ("true", "false") else "true or false is due"
    if kind == "array":
        return None if _is_list(value) else "a list, written as JSON text, is due"
    if kind == "string":
        return _pattern_fault(value, definition)
    return None


def _language_fault(value: str, definition: Mapping[str, Any]) -> str | None:
    due = 'a list of {"language", "value"}, written as JSON text, is due'
    try:
        items = read_json(value)
    except ValueError:
        return due
    if not isinstance(items, list):
        return due
    for item in items:
        if not isinstance(item, dict) or set(item) != {"language", "value"}:
            return due
        if not isinstance(item["language"], str) or not isinstance(item["value"], str):
            return due
        why = _pattern_fault(item["value"], definition)
        if why is not None:
            return why
    return None


def _pattern_fault(value: str, definition: Mapping[str, Any]) -> str | None:
    validators = definition.get("validators")
    for validator in validators if isinstance(validators, list) else ():
        if not isinstance(validator, Mapping) or validator.get("type") != "regex":
            continue
        pattern = str(validator.get("validator", ""))
        if not _matches(pattern, value):
            return f"does not match {pattern}"
    return None


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True  # a Java pattern that Python cannot read is left to MOSIP


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _is_list(value: str) -> bool:
    try:
        return isinstance(read_json(value), list)
    except ValueError:
        return False
