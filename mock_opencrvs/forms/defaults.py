"""What core fills in where a country's configuration is silent, so that its clients find it there. Pure.

Upstream: packages/commons (schemas EventConfig, FieldConfig, …, WorkqueueConfig); core applies them to what
it fetches and to what it answers.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from wire.opencrvs.profiles import Profile

Json = dict[str, Any]


@dataclass(frozen=True)
class _Part:
    """A kind of object in a configuration."""

    always: Json = field(default_factory=dict)
    since_2: Json = field(default_factory=dict)
    """Unknown to 1.9, or optional as well, which its zod leaves out."""
    parts: dict[str, str] = field(default_factory=dict)
    """Key -> kind of the object or objects there; `*` for every key."""
    by_type: dict[str, _Part] = field(default_factory=dict)
    """Further, by the object's `type`."""
    only_with: str | None = None
    """The key by which this kind is known from others that may stand in its place."""


_NAMES = {"firstname": {"required": True}, "surname": {"required": True}}
_FILE = _Part({"configuration": {"maxFileSize": 5 * 1024 * 1024}}, parts={"configuration": "file"})
_COLUMNS = (
    ("workqueues.dateOfEvent", "Date of Event", "Label for workqueue column: dateOfEvent", "dateOfEvent"),
    (
        *("workqueue.default.column.modifiedAt", "Last updated"),
        *("This is the label for the workqueue column", "updatedAt"),
    ),
)
_KINDS = {
    "event": _Part(
        {"advancedSearch": []},
        {"flags": [], "analytics": True},
        {
            "dateOfEvent": "reference",
            "placeOfEvent": "reference",
            "summary": "summary",
            "declaration": "form",
            "actions": "action",
            "advancedSearch": "search tab",
        },
    ),
    "action": _Part(
        since_2={"flags": []},
        parts={
            "review": "review",
            "form": "field",
            "printForm": "form",
            "correctionForm": "form",
            "deduplication": "deduplication",
        },
    ),
    "summary": _Part(parts={"fields": "shown"}),
    "shown": _Part(since_2={"conditionals": []}),
    "form": _Part(parts={"pages": "page"}),
    "page": _Part({"requireCompletionToContinue": False, "type": "FORM"}, parts={"fields": "field"}),
    "review": _Part(parts={"fields": "field"}),
    "search tab": _Part(parts={"fields": "searched"}),
    "searched": _Part(parts={"options": "shown"}),
    "reference": _Part({"$$subfield": []}, only_with="$$field"),
    "references": _Part(parts={"*": "reference"}),
    "deduplication": _Part(parts={"query": "clause"}),
    "clause": _Part(
        parts={"clause": "clause", "clauses": "clause"},
        by_type={
            "fuzzy": _Part({"options": {}}, parts={"options": "fuzzy"}),
            "strict": _Part({"options": {}}, parts={"options": "matched"}),
            "dateRange": _Part(parts={"options": "matched"}),
        },
    ),
    "fuzzy": _Part({"fuzziness": "AUTO:4,7", "boost": 1}),
    "matched": _Part({"boost": 1}),
    "field": _Part(
        since_2={
            "required": False,
            "conditionals": [],
            "secured": False,
            "validation": [],
            "hideLabel": False,
            "uncorrectable": False,
            "analytics": False,
        },
        parts={"parent": "reference", "value": "reference", "fields": "field", "methods": "field"},
        by_type={
            "TEXT": _Part(since_2={"configuration": {"type": "text"}}),
            "TEXTAREA": _Part(since_2={"configuration": {"rows": 4}}),
            "EMAIL": _Part(since_2={"configuration": {"maxLength": 255}}),
            "SIGNATURE": _FILE,
            "FILE": _FILE,
            "FILE_WITH_OPTIONS": _Part(_FILE.always, parts={**_FILE.parts, "options": "shown"}),
            "PARAGRAPH": _Part({"configuration": {}}),
            "HEADING": _Part({"configuration": {}}),
            "BULLET_LIST": _Part({"configuration": {}}),
            "CHECKBOX": _Part({"defaultValue": False}),
            "SELECT": _Part(parts={"options": "shown"}),
            "RADIO_GROUP": _Part(parts={"options": "shown"}),
            "NUMBER_WITH_UNIT": _Part(parts={"options": "shown"}),
            "COUNTRY": _Part(parts={"optionOverrides": "shown"}),
            "ADMINISTRATIVE_AREA": _Part(parts={"configuration": "area"}),
            "AGE": _Part(parts={"configuration": "age"}),
            "NAME": _Part(since_2={"configuration": {}}, parts={"configuration": "name"}),
            "ADDRESS": _Part(parts={"configuration": "address"}),
            "DATA": _Part(parts={"configuration": "data"}),
            "HTTP": _Part(parts={"configuration": "http"}),
            "SEARCH": _Part(parts={"configuration": "search"}),
            "AUTOCOMPLETE": _Part(parts={"configuration": "autocomplete"}),
            "LOADER": _Part(since_2={"variant": "default", "hideLabel": True}),
        },
    ),
    "file": _Part(_FILE.always["configuration"]),
    "area": _Part(parts={"partOf": "reference"}),
    "age": _Part(parts={"asOfDate": "reference"}),
    "name": _Part(since_2={"name": _NAMES, "showParentFieldError": False}, parts={"name": "names"}),
    "names": _Part(parts={"*": "name part"}),
    "name part": _Part(since_2={"required": False}),
    "address": _Part(parts={"streetAddressForm": "line", "fields": "line"}),
    "line": _Part(
        since_2={"required": False, "conditionals": []},
        parts={"parent": "reference", "optionOverrides": "shown"},
    ),
    "data": _Part(parts={"data": "entry"}),
    "entry": _Part(parts={"value": "reference"}),
    "http": _Part({"timeout": 15000}, parts={"trigger": "reference", "params": "references"}),
    "search": _Part({"limit": 100, "offset": 0}),
    "autocomplete": _Part(since_2={"method": "GET"}),
    "workqueue": _Part(
        {
            "columns": [
                {
                    "label": {"id": identity, "defaultMessage": text, "description": description},
                    "value": {"$event": key},
                }
                for identity, text, description, key in _COLUMNS
            ]
        }
    ),
}


def filled_event(config: Json, profile: Profile) -> Json:
    """An event configuration as core has it; the given one stays as it is."""
    filled: Json = _filled(config, "event", profile is Profile.V1_9)
    return filled


def filled_workqueue(config: Json, profile: Profile) -> Json:
    """A workqueue as core has it."""
    filled: Json = _filled(config, "workqueue", profile is Profile.V1_9)
    return filled


def _filled(value: Any, kind: str, old: bool) -> Any:
    """An object of this kind with its defaults, or a list of them; anything else is left alone."""
    if isinstance(value, list):
        return [_filled(one, kind, old) for one in value]
    part = _KINDS[kind]
    if not isinstance(value, dict) or (part.only_with and part.only_with not in value):
        return value
    found = dict(value)
    of_type = part.by_type.get(str(value.get("type")))
    # a type's own default goes before that of all types
    for each in (of_type, part) if of_type else (part,):
        for name, default in (each.always if old else {**each.always, **each.since_2}).items():
            if name not in found:
                found[name] = deepcopy(default)
        for name, below in each.parts.items():
            for key in [*found] if name == "*" else [name]:
                if key in found:
                    found[key] = _filled(found[key], below, old)
    return found
