"""Event configurations: what a country's forms ask, read from the EventConfig JSON (contract opencrvs §8).

The same reader serves our own forms and those fetched from a country config server. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_opencrvs.forms.conditions import Schema
from mock_opencrvs.forms.defaults import filled_event
from mock_opencrvs.forms.evaluation import Evaluation, FormContext
from mock_opencrvs.forms.formats import is_uuid
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One question. It is shown when one of `shows` holds, or there is none; `validators` have a message."""

    id: str
    type: str
    required: bool
    needed: str
    """What is said when it is required and empty."""
    secured: bool
    correctable: bool
    shows: tuple[Schema, ...]
    validators: tuple[tuple[Schema, str], ...]
    configuration: Mapping[str, Any]
    fields: tuple[Field, ...] = ()
    """Of a FIELD_GROUP."""

    def is_shown(self, asking: Evaluation) -> bool:
        return not self.shows or any(map(asking.fits, self.shows))


@dataclass(frozen=True)
class Page:
    id: str
    fields: tuple[Field, ...]
    conditional: Schema = True
    verification: bool = False


@dataclass(frozen=True)
class EventForm:
    """The configuration of one event type: `config` is the JSON that `event.config.get` serves."""

    type: str
    config: Json
    pages: tuple[Page, ...]
    review_fields: Mapping[str, tuple[Field, ...]]
    """By action type: what the review asks, and in 2.1 the `form` of an action of core's own."""
    custom_fields: Mapping[str, tuple[Field, ...]]
    """By customActionType."""
    record_pages: Mapping[str, tuple[Page, ...]]
    """By action type: the form of a print or of a correction request."""
    date_of_event: str | None
    place_field: str | None
    deduplicates: frozenset[str]
    fields: tuple[Field, ...] = field(init=False)
    field_ids: frozenset[str] = field(init=False)
    secured: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        fields = tuple(field for page in self.pages for field in page.fields)
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "field_ids", frozenset(field.id for field in fields))
        object.__setattr__(self, "secured", frozenset(field.id for field in fields if field.secured))

    def place_of_event(self, declared: Mapping[str, Any]) -> str | None:
        """The leaf location of the event: a facility's id, or a domestic address's administrative area."""
        value = declared.get(self.place_field) if self.place_field else None
        if isinstance(value, dict) and value.get("addressType") == "DOMESTIC":
            value = value.get("administrativeArea")
        return value if isinstance(value, str) and is_uuid(value) else None

    def actions(self, kind: str, custom_type: str | None = None) -> Iterator[Json]:
        return (
            action
            for action in self.config.get("actions", ())
            if action.get("type") == kind and action.get("customActionType") == custom_type
        )

    def custom_flags(
        self, event: EventDocument, row: Mapping[str, Any], profile: Profile, around: FormContext
    ) -> list[str]:
        """Flags that the country's own actions add and remove (2.0 and later), in the order of adding."""
        if profile is Profile.V1_9 or not self.config.get("flags"):
            return []
        found: dict[str, None] = {}
        for action in event["actions"]:
            if action["status"] != "Accepted":
                continue
            for flag in self._flags_of(action):
                if not _applies(flag, row, action, around):
                    continue
                if flag["operation"] == "add":
                    found[flag["id"]] = None
                else:
                    found.pop(flag["id"], None)
        return list(found)

    def _flags_of(self, action: Mapping[str, Any]) -> Iterator[Json]:
        for config in self.actions(action["type"], action.get("customActionType")):
            yield from config.get("flags", ())

    def conditions_met(
        self, kind: str, custom_type: str | None, row: Mapping[str, Any], around: FormContext
    ) -> bool:
        """Whether the first SHOW and the first ENABLE condition of an action hold for the record."""
        asking = Evaluation(row["declaration"], around.of_record(row))
        for action in self.actions(kind, custom_type):
            first: dict[str, Schema] = {}
            for condition in action.get("conditionals", ()):
                first.setdefault(condition["type"], condition["conditional"])
            return all(asking.fits(first.get(kind, True)) for kind in ("SHOW", "ENABLE"))
        return True


def _applies(flag: Json, row: Mapping[str, Any], action: Mapping[str, Any], around: FormContext) -> bool:
    if "conditional" not in flag:
        return True
    then = FormContext(
        str(action["createdAt"])[:10], {"role": action.get("createdByRole")}, around.event, around.leaves
    )
    return Evaluation(row["declaration"], then.of_record(row)).fits(flag["conditional"])


Forms = dict[str, EventForm]
"""The event configurations of the country by type."""


def read_form(config: Json, profile: Profile) -> EventForm:
    """An EventForm out of an EventConfig; KeyError or TypeError when it is none."""
    config = filled_event(config, profile)
    one: dict[str, Schema] = {}
    reviews: dict[str, tuple[Field, ...]] = {}
    customs: dict[str, tuple[Field, ...]] = {}
    pages: dict[str, tuple[Page, ...]] = {}
    deduplicates = set()
    for action in config.get("actions", ()):
        if action["type"] == "CUSTOM":
            customs[action["customActionType"]] = _fields(action.get("form", ()), one)
        asked = [*action.get("review", {}).get("fields", ()), *action.get("form", ())]
        if asked and action["type"] != "CUSTOM":
            reviews[action["type"]] = _fields(asked, one)
        form = action.get("printForm") or action.get("correctionForm")
        if form:
            pages[action["type"]] = _pages(form["pages"], one)
        if action.get("deduplication"):
            deduplicates.add(action["type"])
    return EventForm(
        type=str(config["id"]),
        config=config,
        pages=_pages(config["declaration"]["pages"], one),
        review_fields=reviews,
        custom_fields=customs,
        record_pages=pages,
        date_of_event=_reference(config.get("dateOfEvent")),
        place_field=_reference(config.get("placeOfEvent")),
        deduplicates=frozenset(deduplicates),
    )


def _reference(told: Any) -> str | None:
    return told.get("$$field") if isinstance(told, dict) else None


def _pages(raw: Iterable[Json], one: dict[str, Schema]) -> tuple[Page, ...]:
    return tuple(
        Page(
            str(page["id"]),
            _fields(page.get("fields", ()), one),
            page.get("conditional", True),
            page.get("type") == "VERIFICATION",
        )
        for page in raw
    )


def _fields(raw: Iterable[Json], one: dict[str, Schema]) -> tuple[Field, ...]:
    return tuple(_field(field, one) for field in raw)


def _field(raw: Json, one: dict[str, Schema]) -> Field:
    def only(condition: Schema) -> Schema:
        # equal conditions become one object: see Asking
        return one.setdefault(json.dumps(condition, sort_keys=True), condition)

    required = raw.get("required", False)
    message = required.get("message") if isinstance(required, dict) else None
    return Field(
        id=str(raw["id"]),
        type=str(raw["type"]),
        required=bool(required),
        needed=str(message["defaultMessage"]) if message else "Required",
        secured=bool(raw.get("secured", False)),
        correctable=not raw.get("uncorrectable", False),
        shows=tuple(
            only(condition["conditional"])
            for condition in raw.get("conditionals", ())
            if condition["type"] == "SHOW"
        ),
        validators=tuple(
            (only(rule["validator"]), str(rule["message"]["defaultMessage"]))
            for rule in raw.get("validation", ())
        ),
        configuration=raw.get("configuration") or {},
        fields=_fields(raw.get("fields", ()), one),
    )
