"""Event configurations: what a country's forms ask, read from the EventConfig JSON (contract opencrvs §8).

The same reader serves our own forms and those fetched from a country config server. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mock_opencrvs.forms.conditions import Schema, holds
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One question. Its `conditions` must all hold; `validators` go with their message."""

    id: str
    type: str
    required: bool
    secured: bool
    correctable: bool
    conditions: tuple[Schema, ...]
    validators: tuple[tuple[Schema, str], ...]

    @property
    def takes_value(self) -> bool:
        return self.type not in ("DATA", "DIVIDER", "PARAGRAPH", "HEADING", "BULLET_LIST", "PAGE_HEADER")


class Asking:
    """Asks conditions about one form. Fields share most of theirs: each is worked out once."""

    def __init__(self, form: Mapping[str, Any], today: date) -> None:
        self._context, self._today = {"$form": form, "$now": today.isoformat()}, today
        self._known: dict[int, bool] = {}

    def is_open(self, field: Field) -> bool:
        """Whether the question is shown and enabled for this form."""
        return all(map(self.fits, field.conditions))

    def fits(self, condition: Schema) -> bool:
        """Whether the form fits a condition of the event configuration."""
        known = self._known.get(id(condition))
        if known is None:
            known = self._known[id(condition)] = holds(condition, self._context, self._today)
        return known


@dataclass(frozen=True)
class EventForm:
    """The configuration of one event type: `config` is the JSON that `event.config.get` serves."""

    type: str
    config: Json
    fields: tuple[Field, ...]
    review_fields: Mapping[str, tuple[Field, ...]]
    date_of_event: str | None
    place_fields: tuple[str, ...]
    deduplicates: frozenset[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "field_ids", frozenset(field.id for field in self.fields))
        object.__setattr__(self, "secured", frozenset(field.id for field in self.fields if field.secured))

    field_ids: frozenset[str] = frozenset()
    secured: frozenset[str] = frozenset()

    def place_of_event(self, declared: Mapping[str, Any]) -> str | None:
        """The leaf location of the event: a facility's id, or an address's administrative area."""
        for name in self.place_fields:
            value = declared.get(name)
            if isinstance(value, str):
                return value
            if isinstance(value, dict) and isinstance(value.get("administrativeArea"), str):
                return str(value["administrativeArea"])
        return None

    def actions(self, kind: str) -> Iterator[Json]:
        return (action for action in self.config.get("actions", ()) if action.get("type") == kind)

    def has_custom_action(self, name: str) -> bool:
        return any(action.get("customActionType") == name for action in self.actions("CUSTOM"))

    def custom_flags(self, event: EventDocument, row: Mapping[str, Any], profile: Profile) -> list[str]:
        """Flags that the country's own actions add and remove (2.0 and later), in the order of adding."""
        if profile is Profile.V1_9 or not self.config.get("flags"):
            return []
        found: dict[str, None] = {}
        for action in event["actions"]:
            if action["status"] != "Accepted":
                continue
            for flag in self._flags_of(action):
                if not _applies(flag, row, action):
                    continue
                if flag["operation"] == "add":
                    found[flag["id"]] = None
                else:
                    found.pop(flag["id"], None)
        return list(found)

    def _flags_of(self, action: Mapping[str, Any]) -> Iterator[Json]:
        for config in self.actions(action["type"]):
            if config.get("customActionType") == action.get("customActionType"):
                yield from config.get("flags", ())

    def conditions_met(self, kind: str, row: Mapping[str, Any], now: datetime) -> bool:
        """Whether the SHOW and ENABLE conditions of an action hold for the record."""
        today = now.date()
        context = {
            "$form": row["declaration"],
            "$flags": row["flags"],
            "$status": row["status"],
            "$now": today.isoformat(),
        }
        return all(
            holds(condition["conditional"], context, today)
            for action in self.actions(kind)
            for condition in action.get("conditionals", ())
        )


def _applies(flag: Json, row: Mapping[str, Any], action: Mapping[str, Any]) -> bool:
    if "conditional" not in flag:
        return True
    today = date.fromisoformat(str(action["createdAt"])[:10])
    context = {
        "$form": row["declaration"],
        "$flags": row["flags"],
        "$user": {"role": action.get("createdByRole")},
        "$now": today.isoformat(),
    }
    return holds(flag["conditional"], context, today)


@dataclass
class Forms:
    """The event configurations of the country by type."""

    by_type: dict[str, EventForm]

    def get(self, event_type: str) -> EventForm | None:
        return self.by_type.get(event_type)

    def __iter__(self) -> Iterator[EventForm]:
        return iter(self.by_type.values())

    def replace(self, configs: Iterable[Json]) -> None:
        """Take over the configurations of a country config server."""
        self.by_type = {str(config["id"]): read_form(config) for config in configs}


def read_form(config: Json) -> EventForm:
    """An EventForm out of an EventConfig; KeyError or TypeError when it is none."""
    one: dict[str, Schema] = {}
    fields = tuple(
        _field(raw, one) for page in config["declaration"]["pages"] for raw in page.get("fields", ())
    )
    reviews: dict[str, tuple[Field, ...]] = {}
    deduplicates = set()
    for action in config.get("actions", ()):
        review = action.get("review") or {}
        reviews[action["type"]] = tuple(_field(raw, one) for raw in review.get("fields", ()))
        if action.get("deduplication"):
            deduplicates.add(action["type"])
    return EventForm(
        type=str(config["id"]),
        config=config,
        fields=fields,
        review_fields=reviews,
        date_of_event=_reference(config.get("dateOfEvent")),
        place_fields=_references(config.get("placeOfEvent")),
        deduplicates=frozenset(deduplicates),
    )


def _reference(told: Any) -> str | None:
    return told.get("$$field") if isinstance(told, dict) else None


def _references(told: Any) -> tuple[str, ...]:
    options = told if isinstance(told, list) else [told]
    return tuple(name for name in map(_reference, options) if name)


def _field(raw: Json, one: dict[str, Schema]) -> Field:
    def only(condition: Schema) -> Schema:
        # equal conditions become one object: see Asking
        return one.setdefault(json.dumps(condition), condition)

    required = raw.get("required", False)
    return Field(
        id=str(raw["id"]),
        type=str(raw["type"]),
        required=bool(required),
        secured=bool(raw.get("secured", False)),
        correctable=not raw.get("uncorrectable", False),
        conditions=tuple(
            only(condition["conditional"])
            for condition in raw.get("conditionals", ())
            if condition["type"] in ("SHOW", "ENABLE")
        ),
        validators=tuple(
            (rule["validator"], str(rule["message"]["defaultMessage"])) for rule in raw.get("validation", ())
        ),
    )
