"""Which of a record's files go with an application, by the country's `packet_fields.json`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bridge.country.folder import FileRule
from bridge.country.packet_fields import mapping
from bridge.registration import RecordFile


def files_of(kind: str, declaration: Mapping[str, Any], country: Path) -> list[RecordFile]:
    """One a category, the first that is there; where one is needed and none is there, one without a path."""
    rules = [FileRule.model_validate(each) for each in mapping(country)[kind].get("documents", ())]
    found = (_first(rule, declaration) for rule in rules)
    return [file for file in found if file.path or file.needed]


def _first(rule: FileRule, declaration: Mapping[str, Any]) -> RecordFile:
    for field in rule.sources:
        value = declaration.get(field)
        for held in value if isinstance(value, list) else [value]:
            if not isinstance(held, Mapping):
                continue
            path, option = held.get("path"), held.get("option")
            kind = rule.kind_of(option if isinstance(option, str) else None)
            if isinstance(path, str) and path and kind is not None:
                return RecordFile(field, path, _name(held, path), rule.category, kind, rule.needed)
    return RecordFile(rule.sources[0], "", "", rule.category, "", rule.needed)


def _name(held: Mapping[str, Any], path: str) -> str:
    """The file's name as the registrar saw it, with the extension by which the ID system knows its kind."""
    name = str(held.get("originalFilename") or "")
    return name if PurePosixPath(name).suffix else f"{name or 'document'}{PurePosixPath(path).suffix}"
