"""Declarations against their form, in upstream's words (contract opencrvs §4.3, §8). Pure.

Upstream: packages/events/src/router/middleware/validate. Errors are `{"message", "id", "value"?}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mock_opencrvs.forms.config import Asking, EventForm, Field
from mock_opencrvs.forms.values import fits
from wire.opencrvs.declarations import merged, without_nulls

FieldError = dict[str, Any]
_ABSENT = object()


class UnknownField(Exception):
    """A declaration names a field that the form does not have; core answers 500."""

    def __init__(self, field_id: str) -> None:
        super().__init__(f"Field with id {field_id} not found in event config")
        self.field_id = field_id


@dataclass(frozen=True)
class Validation:
    """One record's form at one moment: `told` is what the record says already."""

    form: EventForm
    told: Mapping[str, Any]
    today: date

    def errors(
        self, check: str, kind: str, update: Mapping[str, Any], annotation: Mapping[str, Any]
    ) -> list[FieldError]:
        """What is wrong with an action's declaration and annotation, in the form's order.

        Raises UnknownField where upstream does: in whole declarations and corrections.
        """
        match check:
            case "whole":
                found = self._whole(update)
            case "partial":
                found = self._partial(update)
            case "correction":
                found = self._correction(update)
            case _:
                found = []
        return found + self._annotation(kind, annotation)

    def _whole(self, update: Mapping[str, Any]) -> list[FieldError]:
        self._known(update)
        form = without_nulls(merged(self.told, update))
        return list(self._fields(self.form.fields, form, update, required=True))

    def _partial(self, update: Mapping[str, Any]) -> list[FieldError]:
        unexpected = [
            error("Unexpected field", name, value)
            for name, value in update.items()
            if name not in self.form.field_ids
        ]
        form = without_nulls(merged(self.told, update))
        touched = [field for field in self.form.fields if update.get(field.id) is not None]
        return unexpected + list(self._fields(touched, form, update, required=False))

    def _correction(self, update: Mapping[str, Any]) -> list[FieldError]:
        self._known(update)
        barred = [
            error("Correction not allowed for field", field.id, update[field.id])
            for field in self.form.fields
            if field.id in update and not field.correctable
        ]
        form = without_nulls(merged(self.told, update))
        touched = [field for field in self.form.fields if update.get(field.id) is not None]
        return barred + list(self._fields(touched, form, update, required=False))

    def _known(self, update: Mapping[str, Any]) -> None:
        for name in update:
            if name not in self.form.field_ids:
                raise UnknownField(name)

    def _fields(
        self, fields: Iterable[Field], form: Mapping[str, Any], update: Mapping[str, Any], *, required: bool
    ) -> Iterator[FieldError]:
        asking = Asking(form, self.today)
        for field in fields:
            if not field.takes_value:
                continue
            if asking.is_open(field):
                yield from self._field(field, form, required, asking)
            elif update.get(field.id) is not None:
                yield error("Hidden or disabled field should not receive a value", field.id, update[field.id])

    def _field(
        self, field: Field, form: Mapping[str, Any], required: bool, asking: Asking
    ) -> Iterator[FieldError]:
        value = form.get(field.id, _ABSENT)
        if value is _ABSENT or value == "":
            if field.required and required:
                yield error("Required", field.id, value)
            return
        if not fits(field.type, value):
            words = "Invalid date field" if field.type == "DATE" else "Invalid input"
            yield error(words, field.id, value)
            return
        for validator, message in field.validators:
            if not asking.fits(validator):
                yield error(message, field.id, value)
                return

    def _annotation(self, kind: str, annotation: Mapping[str, Any]) -> list[FieldError]:
        fields = self.form.review_fields.get(kind, ())
        given = without_nulls(annotation)
        return list(self._fields(fields, given, given, required=True))


def error(message: str, field_id: str, value: Any = _ABSENT) -> FieldError:
    found: FieldError = {"message": message, "id": field_id}
    return found if value is _ABSENT else found | {"value": value}
