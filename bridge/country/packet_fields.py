"""From a declaration to the fields of a packet, by the mapping in `data/packet_fields.json`. Pure.

Every value is a string; names and places are language arrays written as JSON text, dates of persons are
`YYYY/MM/DD` (contract mosip §2.2, §2.6). A country edits the data file, not this module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bridge.errors import BridgeError
from wire.mosip import schema
from wire.mosip.languages import language_text

_DATA = Path(__file__).parent / "data" / "packet_fields.json"
_NAME_LIMIT = 50
_OF_ONE_KIND = {"CRVS_NEW": "birth", "CRVS_DEATH": "death"}
"""No other event may make or end an identity (contract mosip §3.2)."""


class NotMappable(BridgeError):
    """The event type has no mapping, or a value has a shape that the mapping cannot read."""


class Unfit(BridgeError):
    """The ID schema would refuse a field; the text names it and the declaration's, never the value."""


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
    """The packet's fields for an event type; fields without a value are left out.

    What the ID schema would refuse is made to fit where that can be; else a field that need not be there is
    left out, and another one, or one that is missing, is Unfit.
    """
    own = {"$number": number, "$schemaVersion": schema_version}
    of_kind, genders = _of(kind, path), mapping(path)["genders"]
    persons = {name: _person(declaration, **rule) for name, rule in of_kind.get("persons", {}).items()}
    needed = {name for rule in schema.MANDATORY[of_kind["process"]] for name in rule.split("|")}
    fields: dict[str, str] = {}
    for rule in of_kind["fields"]:
        sources = _sources(rule, persons)
        value = _first(rule, sources, declaration, own)
        texts = _renderings(rule["as"], value, language, genders) if value is not None else []
        if not texts and "else" in rule:
            texts = _renderings(rule["as"], rule["else"], language, {})
        why = [schema.value_fault(rule["to"], text) for text in texts]
        if None in why:
            fields[rule["to"]] = texts[why.index(None)]
        elif rule["to"] in needed:
            due = why[-1] if why else "a value is due"
            raise Unfit(f"{', '.join(sources)}: {due} ({rule['to']} of the ID schema)")
    return fields


def left_out(
    kind: str, declaration: Mapping[str, Any], fields: Mapping[str, str], path: Path = _DATA
) -> list[str]:
    """Packet fields that the declaration has a value for and the packet has not: the schema refuses it."""
    of_kind = _of(kind, path)
    persons = {name: _person(declaration, **rule) for name, rule in of_kind.get("persons", {}).items()}
    return [
        rule["to"]
        for rule in of_kind["fields"]
        if rule["to"] not in fields and _first(rule, _sources(rule, persons), declaration, {}) is not None
    ]


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
    if _OF_ONE_KIND.get(found["process"], kind) != kind:
        raise NotMappable(
            f"{path.name} gives {kind!r} the process {found['process']}, which makes or ends a person's "
            f"identity; only a {_OF_ONE_KIND[found['process']]} does that: give it a process of its own"
        )
    return found


def _person(declaration: Mapping[str, Any], of: list[str], needs: list[str]) -> str | None:
    """Whose data a group of fields is: one person's, never the first that is present of each."""

    def has(who: str, names: list[str]) -> bool:
        return all(declaration.get(f"{who}.{name}") not in (None, "", {}, []) for name in names)

    whole = [who for who in of if has(who, needs)]
    partly = [who for who in of if has(who, needs[:1])]
    return next(iter([*whole, *partly]), None)


def _sources(rule: Mapping[str, Any], persons: Mapping[str, str | None]) -> list[str]:
    if "person" not in rule:
        return list(rule["from"])
    who = persons[rule["person"]]
    return [f"{who}.{name}" for name in rule["from"]] if who is not None else []


def _first(
    rule: Mapping[str, Any], sources: list[str], declaration: Mapping[str, Any], own: Mapping[str, str]
) -> Any:
    for source in sources:
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


def _renderings(how: str, value: Any, language: str, genders: Mapping[str, str]) -> list[str]:
    """How a value can be written, the best first: a name shortens from its middle, a phone number loses what
    stands between its digits.
    """
    if how == "name":
        return [language_text(name, language) for name in _shorter(value)]
    if how == "phone":
        text = re.sub(r"[^0-9+]", "", str(value))
        return list(dict.fromkeys([str(value), text, text.removeprefix("+")]))
    rendered = _render(how, value, language, genders)
    return [rendered] if rendered is not None else []


def _shorter(name: Any) -> list[str]:
    """A name, then with its middle names as initials, without them, with the first word of each part, cut."""
    whole = full_name(name)
    if not isinstance(name, Mapping) or not whole:
        return [whole] if whole else []
    first, middle, last = (str(name.get(key) or "").strip() for key in ("firstname", "middlename", "surname"))
    initials = " ".join(f"{word[0]}." for word in middle.split())
    words = [(part.split() or [""])[0] for part in (first, last)]
    ways = [(first, initials, last), (first, last), words]
    return [whole, *(" ".join(part for part in way if part) for way in ways), whole[:_NAME_LIMIT].rstrip()]


def _render(how: str, value: Any, language: str, genders: Mapping[str, str]) -> str | None:
    match how:
        case "language":
            return language_text(str(value), language)
        case "gender":
            return language_text(genders.get(str(value).lower(), str(value)), language)
        case "date" if not isinstance(value, Mapping | list):
            return str(value).replace("-", "/")
        case "text" if not isinstance(value, Mapping | list):
            return str(value)
    raise NotMappable(f"a value of type {type(value).__name__} cannot be sent as {how}")
