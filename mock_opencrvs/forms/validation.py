"""Declarations and annotations against their form, in upstream's words (contract opencrvs §4.3, §8). Pure.

Upstream: packages/events/src/router/middleware/validate. Errors are `{"message", "id", "value"?}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_opencrvs.forms.config import EventForm, Field, Page
from mock_opencrvs.forms.evaluation import Evaluation, FormContext
from mock_opencrvs.forms.values import complaints
from wire.opencrvs.declarations import merged, without_nulls

FieldError = dict[str, Any]
Values = Mapping[str, Any]
_ABSENT = object()
_HIDDEN = "Hidden or disabled field should not receive a value"


class UnknownField(Exception):
    """A declaration names a field that the form does not have; core answers 500."""

    def __init__(self, field_id: str) -> None:
        super().__init__(f"Field with id {field_id} not found in event config")
        self.field_id = field_id


@dataclass(frozen=True)
class Validation:
    """One record's form at one moment: `told` is what the record says already."""

    form: EventForm
    told: Values
    around: FormContext

    def errors(
        self, kind: str, update: Values, annotation: Values, custom_type: str | None = None
    ) -> list[FieldError]:
        """What is wrong with an action's declaration and annotation, in the form's order.

        Raises UnknownField where upstream does: in whole declarations and correction requests.
        """
        match kind:
            case "NOTIFY" | "EDIT":
                return self._partial(kind, update, annotation)
            case "CUSTOM":
                return list(self._fields(self.form.custom_fields[custom_type or ""], annotation))
            case "DECLARE" | "VALIDATE" | "REGISTER":
                found, clean = self._whole(update, self.form.fields)
                return found if clean is None else [*found, *self._review(kind, clean, annotation)]
            case "REQUEST_CORRECTION":
                correctable = tuple(field for field in self.form.fields if field.correctable)
                return self._barred(update) or self._whole(update, correctable)[0]
            case _:
                return self._record(kind, annotation)

    def _whole(
        self, update: Values, counted: tuple[Field, ...]
    ) -> tuple[list[FieldError], dict[str, Any] | None]:
        """The errors, and the declaration without what is hidden; None when something hidden was sent."""
        whole = merged(self.told, update)
        for name in whole:
            if name not in self.form.field_ids:
                raise UnknownField(name)
        ids = {field.id for field in counted}
        complete = without_nulls({name: value for name, value in whole.items() if name in ids})
        clean = self._without_hidden(complete)
        hidden = [
            error(_HIDDEN, name, value)
            for sent in update
            if sent in complete and sent not in clean
            for name, value in _leaves(complete[sent], sent)
        ]
        if hidden:
            return hidden, None
        asking = self._asking(clean)
        shown = [f for page in self.form.pages if asking.fits(page.conditional) for f in page.fields]
        return list(self._fields(shown, clean)), clean

    def _without_hidden(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of shown fields; again until nothing changes, as fields hide one another."""
        asking = self._asking(values)
        pages = [page for page in self.form.pages if asking.fits(page.conditional)]
        fields: dict[str, list[Field]] = {}
        for field in (field for page in pages for field in page.fields):
            fields.setdefault(field.id, []).append(field)
        base = {name: value for name, value in values.items() if name in fields}
        seen = base
        while True:
            asking = self._asking(seen)
            clean = {n: v for n, v in base.items() if any(f.is_shown(asking) for f in fields[n])}
            if clean == seen:
                return clean
            seen = clean

    def _review(self, kind: str, clean: Values, annotation: Values) -> Iterator[FieldError]:
        fields = self.form.review_fields.get(kind, ())
        given = without_nulls(annotation)
        asking = self._asking(given)
        shown = {field.id for field in fields if field.is_shown(asking)}
        known = {field.id for field in fields}
        kept = {name: value for name, value in given.items() if name in shown or name not in known}
        return self._fields(fields, kept, clean)

    def _partial(self, kind: str, update: Values, annotation: Values) -> list[FieldError]:
        """What is there must have the shape of its field; nothing need be there."""
        own = self.form.review_fields
        reviewed = {field.id: field for field in (*own.get("DECLARE", ()), *own.get(kind, ()))}
        declared = {field.id: field for field in reversed(self.form.fields)}
        return [
            *self._shapes(reviewed, annotation, as_required=True),
            *self._shapes(declared, update, as_required=False),
        ]

    def _shapes(
        self, fields: Mapping[str, Field], values: Values, *, as_required: bool
    ) -> Iterator[FieldError]:
        asking = self._asking(values)
        for name, value in values.items():
            field = fields.get(name)
            if field is None:
                yield error("Unexpected field", name, value)
                continue
            required = as_required and field.required
            if field.is_shown(asking) and not (not required and _is_empty(value)):
                for words in _complaints(field, value, required=required):
                    yield error(words, name, value)

    def _barred(self, update: Values) -> list[FieldError]:
        barred = {field.id for field in self.form.fields if not field.correctable}
        return [
            error("Correction not allowed for field", name, value)
            for name, value in update.items()
            if name in barred
        ]

    def _record(self, kind: str, annotation: Values) -> list[FieldError]:
        """Annotations of the other actions: against the print form, where there is one."""
        pages = self.form.record_pages.get(kind, ())
        asked = [*(f for page in pages for f in page.fields), *self.form.review_fields.get(kind, ())]
        found = list(self._fields(asked, annotation, self.told))
        asking = self._asking(annotation)
        return found + [
            error("Verification page result is required", page.id, annotation.get(page.id, _ABSENT))
            for page in pages
            if self._unverified(page, annotation, asking)
        ]

    @staticmethod
    def _unverified(page: Page, annotation: Values, asking: Evaluation) -> bool:
        return (
            page.verification
            and asking.fits(page.conditional)
            and not isinstance(annotation.get(page.id), bool)
        )

    def _asking(self, values: Values, base: Values | None = None) -> Evaluation:
        return Evaluation({**(base or {}), **values}, self.around.context)

    def _fields(
        self, fields: Iterable[Field], values: Values, base: Values | None = None
    ) -> Iterator[FieldError]:
        """Values in hidden fields first, then what is wrong with the shown ones."""
        asking, fields = self._asking(values, base), tuple(fields)
        shown = {field.id for field in fields if field.is_shown(asking)}
        for field in fields:
            if field.id not in shown and values.get(field.id):
                yield error(_HIDDEN, field.id, values[field.id])
        for field in fields:
            if field.is_shown(asking):
                value = values.get(field.id, _ABSENT)
                for words in self._wrong(field, value, asking):
                    yield error(words, field.id, value)

    def _wrong(self, field: Field, value: Any, asking: Evaluation) -> list[str]:
        broken = [message for validator, message in field.validators if not asking.fits(validator)]
        if field.fields:
            held = value if isinstance(value, dict) else {}
            within = [
                words
                for one in field.fields
                if one.is_shown(asking)
                for words in self._wrong(one, held.get(one.id, _ABSENT), asking)
            ]
            return within or broken
        if not field.required and _is_empty(value):
            return []
        return [*_complaints(field, value, required=field.required), *broken]


def _complaints(field: Field, value: Any, *, required: bool) -> list[str]:
    return complaints(
        field.type,
        None if value is _ABSENT else value,
        required=required,
        needed=field.needed,
        configuration=field.configuration,
    )


def _is_empty(value: Any) -> bool:
    """Nothing, an empty text, or an object of empty texts: what an optional field may be."""
    if value is _ABSENT or value == "":
        return True
    if isinstance(value, dict | list) and not isinstance(value, str):
        parts = value.values() if isinstance(value, dict) else value
        return all(part == "" for part in parts)
    return False


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The plain values inside a value, by their paths as upstream writes them."""
    if isinstance(value, list):
        for at, one in enumerate(value):
            yield from _leaves(one, f"{path}[{at}]")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}")
    else:
        yield path, value


def error(message: str, field_id: str, value: Any = _ABSENT) -> FieldError:
    found: FieldError = {"message": message, "id": field_id}
    return found if value is _ABSENT else found | {"value": value}
