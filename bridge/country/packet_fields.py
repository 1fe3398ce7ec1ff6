"""From a declaration to the fields (and files) of a packet, by the country's `packet_fields.json`. Pure.

Every value is a string; names and places are language arrays written as JSON text, dates of persons are
`YYYY/MM/DD` (contract mosip §2.2, §2.6). A country brings its own folder (folder.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from bridge.country.folder import FARAJALAND, schema_of
from bridge.country.mappings import FieldRule, FileRule, KindMapping, PersonRule, packet_fields_of
from bridge.errors import BridgeError
from bridge.registration import RecordFile
from wire.mosip import schema
from wire.mosip.languages import language_text

_PARTS = ("firstname", "middlename", "surname")
_NAME_LIMIT = 50


class NotMappable(BridgeError):
    """The event type has no mapping, or a value has a shape that the mapping cannot read."""


class Unfit(BridgeError):
    """The ID schema would refuse a field; the text names it and the declaration's, never the value."""


def process_of(kind: str, country: Path = FARAJALAND) -> str:
    """The MOSIP process of an event type: CRVS_NEW, CRVS_DEATH, CRVS_UPDATE."""
    return _of(kind, country).process


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
    tables, of_kind = packet_fields_of(country), _of(kind, country)
    persons = _persons(of_kind, declaration)
    mandatory = schema.MANDATORY.get(of_kind.process, ("IDSchemaVersion",))
    needed = {name for rule in mandatory for name in rule.split("|")}
    fields: dict[str, str] = {}
    order, id_schema = tables.names, schema_of(country)
    for rule in of_kind.fields:
        sources = _sources(rule, persons)
        value, texts = _first(rule, sources, declaration, own), []
        if value is not None:
            codes = tables.codes[rule.codes] if rule.codes is not None else {}
            texts = _renderings(rule.how, _coded(value, codes), language, order)
        if not texts and rule.otherwise is not None:
            texts = _renderings(rule.how, rule.otherwise, language, order)
        why = [schema.value_fault(rule.to, text, id_schema) for text in texts]
        if None in why:
            fields[rule.to] = texts[why.index(None)]
        elif rule.to in needed:
            due = why[-1] if why else "a value is due"
            raise Unfit(f"{', '.join(sources)}: {due} ({rule.to} of the ID schema)")
    return fields


def left_out(
    kind: str, declaration: Mapping[str, Any], fields: Mapping[str, str], country: Path = FARAJALAND
) -> list[str]:
    """Packet fields that the declaration has a value for and the packet has not: the schema refuses it."""
    of_kind = _of(kind, country)
    persons = _persons(of_kind, declaration)
    return [
        rule.to
        for rule in of_kind.fields
        if rule.to not in fields and _first(rule, _sources(rule, persons), declaration, {}) is not None
    ]


def notification(kind: str, declaration: Mapping[str, Any], country: Path = FARAJALAND) -> dict[str, str]:
    """Whom MOSIP may notify: name, phone, email (contract mosip §3.1)."""
    found: dict[str, str] = {}
    for key, sources in _of(kind, country).notification.items():
        value = next((declaration[source] for source in sources if declaration.get(source)), None)
        found[key] = full_name(value) if isinstance(value, Mapping) else str(value or "")
    return found


def files_of(kind: str, declaration: Mapping[str, Any], country: Path) -> list[RecordFile]:
    """One a category, the first that is there; where one is needed and none is there, one without a path."""
    found = (_file(rule, declaration) for rule in packet_fields_of(country).kinds[kind].documents)
    return [file for file in found if file.path or file.needed]


def full_name(name: Any, order: Sequence[str] = _PARTS) -> str:
    """The parts of a name in one line, in the country's order; one-word names and missing parts are fine."""
    if not isinstance(name, Mapping):
        return str(name or "").strip()
    parts = (name.get(key) for key in order)
    return " ".join(str(part).strip() for part in parts if part and str(part).strip())


def _of(kind: str, country: Path) -> KindMapping:
    found = packet_fields_of(country).kinds.get(kind)
    if found is None:
        raise NotMappable(f"packet_fields.json has no mapping for {kind!r}; add one to forward such events")
    return found


def _persons(of_kind: KindMapping, declaration: Mapping[str, Any]) -> dict[str, str | None]:
    """Whose data each group of fields is: one person's, never the first that is present of each."""

    def has(who: str, names: list[str]) -> bool:
        return all(declaration.get(f"{who}.{name}") not in (None, "", {}, []) for name in names)

    def found(rule: PersonRule) -> str | None:
        whole = [who for who in rule.of if has(who, rule.needs)]
        partly = [who for who in rule.of if has(who, rule.needs[:1])]
        return next(iter([*whole, *partly]), None)

    return {name: found(rule) for name, rule in of_kind.persons.items()}


def _sources(rule: FieldRule, persons: Mapping[str, str | None]) -> list[str]:
    if rule.person is None:
        return rule.sources
    who = persons[rule.person]
    return [f"{who}.{name}" for name in rule.sources] if who is not None else []


def _first(
    rule: FieldRule, sources: list[str], declaration: Mapping[str, Any], own: Mapping[str, str]
) -> Any:
    for source in sources:
        value = own.get(source, declaration.get(source))
        if rule.part is not None and value is not None:
            value = _parts(value, rule.part)
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


def _coded(value: Any, codes: Mapping[str, str]) -> Any:
    """The master-data code of a value; the value itself when it has none."""
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
    parts = {key: str(name.get(key) or "").strip() for key in _PARTS}
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


def _file(rule: FileRule, declaration: Mapping[str, Any]) -> RecordFile:
    for field in rule.sources:
        value = declaration.get(field)
        for held in value if isinstance(value, list) else [value]:
            if not isinstance(held, Mapping):
                continue
            path, option = held.get("path"), held.get("option")
            kind = rule.kind_of(option if isinstance(option, str) else None)
            if isinstance(path, str) and path and kind is not None:
                return RecordFile(field, path, _file_name(held, path), rule.category, kind, rule.needed)
    return RecordFile(rule.sources[0], "", "", rule.category, "", rule.needed)


def _file_name(held: Mapping[str, Any], path: str) -> str:
    """The file's name as the registrar saw it, with the extension by which the ID system knows its kind."""
    name = str(held.get("originalFilename") or "")
    return name if PurePosixPath(name).suffix else f"{name or 'document'}{PurePosixPath(path).suffix}"
