"""From a declaration to the fields of a packet, by the country's `packet_fields.json`. Pure.

Every value is a string; names and places are language arrays written as JSON text, dates of persons are
`YYYY/MM/DD` (contract mosip §2.2, §2.6). A country brings its own folder (folder.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bridge.country.folder import FARAJALAND, schema_of
from bridge.errors import BridgeError
from wire.mosip import schema
from wire.mosip.languages import language_text

FILE = "packet_fields.json"
PARTS = ("firstname", "middlename", "surname")
_NAME_LIMIT = 50
_OF_ONE_KIND = {"CRVS_NEW": "birth", "CRVS_DEATH": "death"}
"""No other event may make or end an identity (contract mosip §3.2)."""


class NotMappable(BridgeError):
    """The event type has no mapping, or a value has a shape that the mapping cannot read."""


class Unfit(BridgeError):
    """The ID schema would refuse a field; the text names it and the declaration's, never the value."""


@cache
def mapping(country: Path = FARAJALAND) -> dict[str, Any]:
    """The mapping file of the country's folder, parsed once."""
    loaded: dict[str, Any] = json.loads((country / FILE).read_text(encoding="utf-8"))
    return loaded


def process_of(kind: str, country: Path = FARAJALAND) -> str:
    """The MOSIP process of an event type: CRVS_NEW, CRVS_DEATH, CRVS_UPDATE."""
    return str(_of(kind, country)["process"])


def packet_fields(
    kind: str,
    declaration: Mapping[str, Any],
    *,
    number: str,
    schema_version: str = "0.1",
    language: str = "eng",
    country: Path = FARAJALAND,
) -> dict[str, str]:
    """The packet's fields for an event type; fields without a value are left out.

    What the ID schema would refuse is made to fit where that can be; else a field that need not be there is
    left out, and another one, or one that is missing, is Unfit.
    """
    own = {"$number": number, "$schemaVersion": schema_version}
    of_kind, own_codes = _of(kind, country), mapping(country)
    persons = {name: _person(declaration, **rule) for name, rule in of_kind.get("persons", {}).items()}
    mandatory = schema.MANDATORY.get(of_kind["process"], ("IDSchemaVersion",))
    needed = {name for rule in mandatory for name in rule.split("|")}
    fields: dict[str, str] = {}
    order, id_schema = own_codes.get("names", PARTS), schema_of(country)
    for rule in of_kind["fields"]:
        sources = _sources(rule, persons)
        value = _first(rule, sources, declaration, own)
        texts = (
            _renderings(rule["as"], _coded(rule, value, own_codes), language, order)
            if value is not None
            else []
        )
        if not texts and "else" in rule:
            texts = _renderings(rule["as"], rule["else"], language, order)
        why = [schema.value_fault(rule["to"], text, id_schema) for text in texts]
        if None in why:
            fields[rule["to"]] = texts[why.index(None)]
        elif rule["to"] in needed:
            due = why[-1] if why else "a value is due"
            raise Unfit(f"{', '.join(sources)}: {due} ({rule['to']} of the ID schema)")
    return fields


def left_out(
    kind: str, declaration: Mapping[str, Any], fields: Mapping[str, str], country: Path = FARAJALAND
) -> list[str]:
    """Packet fields that the declaration has a value for and the packet has not: the schema refuses it."""
    of_kind = _of(kind, country)
    persons = {name: _person(declaration, **rule) for name, rule in of_kind.get("persons", {}).items()}
    return [
        rule["to"]
        for rule in of_kind["fields"]
        if rule["to"] not in fields and _first(rule, _sources(rule, persons), declaration, {}) is not None
    ]


def notification(kind: str, declaration: Mapping[str, Any], country: Path = FARAJALAND) -> dict[str, str]:
    """Whom MOSIP may notify: name, phone, email (contract mosip §3.1)."""
    found = {}
    for key, sources in _of(kind, country)["notification"].items():
        value = next((declaration[source] for source in sources if declaration.get(source)), None)
        found[key] = full_name(value) if isinstance(value, Mapping) else str(value or "")
    return found


def full_name(name: Any, order: Sequence[str] = PARTS) -> str:
    """The parts of a name in one line, in the country's order; one-word names and missing parts are fine."""
    if not isinstance(name, Mapping):
        return str(name or "").strip()
    parts = (name.get(key) for key in order)
    return " ".join(str(part).strip() for part in parts if part and str(part).strip())


def _of(kind: str, country: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = mapping(country)[kind]
    except KeyError:
        raise NotMappable(f"{FILE} has no mapping for {kind!r}; add one to forward such events") from None
    if _OF_ONE_KIND.get(found["process"], kind) != kind:
        raise NotMappable(
            f"{FILE} gives {kind!r} the process {found['process']}, which makes or ends a person's "
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


def _coded(rule: Mapping[str, Any], value: Any, table: Mapping[str, Any]) -> Any:
    """The master-data code of a value; the value itself when it has none."""
    codes: Mapping[str, str] = table["codes"][rule["codes"]] if "codes" in rule else {}
    return codes.get(str(value), codes.get(str(value).lower(), value))


def _renderings(how: str, value: Any, language: str, order: Sequence[str]) -> list[str]:
    """How a value can be written, the best first: a name shortens from its middle, a phone number loses what
    stands between its digits.
    """
    if how == "name":
        return [language_text(name, language) for name in _shorter(value, order)]
    if how == "phone":
        text = re.sub(r"[^0-9+]", "", str(value))
        return list(dict.fromkeys([str(value), text, text.removeprefix("+")]))
    rendered = _render(how, value, language)
    return [rendered] if rendered is not None else []


def _shorter(name: Any, order: Sequence[str]) -> list[str]:
    """A name, then with its middle names as initials, without them, with the first word of each part, cut."""
    whole = full_name(name, order)
    if not isinstance(name, Mapping) or not whole:
        return [whole] if whole else []
    parts = {key: str(name.get(key) or "").strip() for key in PARTS}
    initials = parts | {"middlename": " ".join(f"{word[0]}." for word in parts["middlename"].split())}
    ends = parts | {"middlename": ""}
    words = {key: (part.split() or [""])[0] for key, part in ends.items()}
    ways = [full_name(way, order) for way in (initials, ends, words)]
    return [whole, *ways, whole[:_NAME_LIMIT].rstrip()]


def _render(how: str, value: Any, language: str) -> str | None:
    match how:
        case "language":
            return language_text(str(value), language)
        case "date" if not isinstance(value, Mapping | list):
            return str(value).replace("-", "/")
        case "text" if not isinstance(value, Mapping | list):
            return str(value)
    raise NotMappable(f"a value of type {type(value).__name__} cannot be sent as {how}")
