"""From a declaration to the fields of a packet, by the mapping in `data/packet_fields.json`. Pure.

Every value is a string; names and places are language arrays written as JSON text, dates of persons are
`YYYY/MM/DD` (contract mosip §2.2, §2.6). A country edits the data file, not this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from wire.mosip.languages import language_text

_DATA = Path(__file__).parent / "data" / "packet_fields.json"
_NAME_LIMIT = 50


class NotMappable(Exception):
    """The event type has no mapping, or a value has a shape that the mapping cannot read."""


@cache
def mapping(path: Path = _DATA) -> dict[str, Any]:
    """The mapping file, parsed once."""
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def process_of(kind: str, path: Path = _DATA) -> str:
    """The MOSIP process of an event type: CRVS_NEW, CRVS_DEATH, CRVS_UPDATE."""
    return str(_of(kind, path)["process"])


def packet_fields(
    kind: str,
    declaration: Mapping[str, Any],
    *,
    number: str,
    schema_version: str = "0.1",
    language: str = "eng",
    path: Path = _DATA,
) -> dict[str, str]:
    """The packet's fields for an event type; fields without a value are left out."""
    own = {"$number": number, "$schemaVersion": schema_version}
    fields: dict[str, str] = {}
    for rule in _of(kind, path)["fields"]:
        value = _first(rule, declaration, own)
        text = _render(rule["as"], value, language, mapping(path)["genders"]) if value is not None else None
        if text is None and "else" in rule:
            text = _render(rule["as"], rule["else"], language, {})
        if text:
            fields[rule["to"]] = text
    return fields


def notification(kind: str, declaration: Mapping[str, Any], path: Path = _DATA) -> dict[str, str]:
    """Whom MOSIP may notify: name, phone, email (contract mosip §3.1)."""
    found = {}
    for key, sources in _of(kind, path)["notification"].items():
        value = next((declaration[source] for source in sources if declaration.get(source)), None)
        found[key] = full_name(value) if isinstance(value, Mapping) else str(value or "")
    return found


def full_name(name: Any) -> str:
    """First, middle and family name in one line; one-word names and missing parts are fine."""
    if not isinstance(name, Mapping):
        return str(name or "").strip()
    parts = (name.get(key) for key in ("firstname", "middlename", "surname"))
    return " ".join(str(part).strip() for part in parts if part and str(part).strip())


def _of(kind: str, path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = mapping(path)[kind]
    except KeyError:
        raise NotMappable(
            f"{path.name} has no mapping for {kind!r}; add one to forward such events"
        ) from None
    return found


def _first(rule: Mapping[str, Any], declaration: Mapping[str, Any], own: Mapping[str, str]) -> Any:
    for source in rule["from"]:
        value = own.get(source, declaration.get(source))
        if "part" in rule and value is not None:
            value = _parts(value, rule["part"])
        if value not in (None, "", {}, []):
            return value
    return None


def _parts(value: Any, ways: list[str]) -> str | None:
    """The present parts of an address, joined: `["…number", "…street"]` gives `18 Mango Avenue`."""
    found = []
    for way in ways:
        part: Any = value
        for key in way.split("."):
            part = part.get(key) if isinstance(part, Mapping) else None
        if isinstance(part, str | int) and str(part).strip():
            found.append(str(part).strip())
    return " ".join(found)[:_NAME_LIMIT] or None


def _render(how: str, value: Any, language: str, genders: Mapping[str, str]) -> str | None:
    match how:
        case "name":
            name = full_name(value)
            return language_text(name, language) if name else None
        case "language":
            return language_text(str(value), language)
        case "gender":
            return language_text(genders.get(str(value).lower(), str(value)), language)
        case "date" if not isinstance(value, Mapping | list):
            return str(value).replace("-", "/")
        case "text" if not isinstance(value, Mapping | list):
            return str(value)
    raise NotMappable(f"a value of type {type(value).__name__} cannot be sent as {how}")
