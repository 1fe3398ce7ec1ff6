"""Asks conditions about one form: what they see beside it, and each worked out once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mock_opencrvs.forms.conditions import Schema, holds
from wire.world import calendar_day


@dataclass(frozen=True)
class FormContext:
    """What a condition sees beside the form.

    `now` is today's date, `user` the claims of the caller's token, `leaves` the ids of the areas that have
    no areas below them.
    """

    now: str
    user: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None
    leaves: tuple[str, ...] = ()

    @property
    def context(self) -> dict[str, Any]:
        """Core's names for it; what is not there is left out."""
        given = {
            "$now": self.now,
            "$online": True,
            "$user": self.user,
            "$event": self.event,
            "$leafAdminStructureLocationIds": [{"id": leaf} for leaf in self.leaves],
        }
        return {name: value for name, value in given.items() if value is not None}

    def of_record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The context of a condition on an action: flags and status stand beside the rest."""
        return {**self.context, "$flags": row["flags"], "$status": row["status"]}


class Evaluation:
    """Asks conditions about one form. Fields share most of theirs: each is worked out once."""

    def __init__(self, form: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self._context = {**context, "$form": _with_births(form, context["$now"])}
        self._known: dict[int, bool] = {}

    def fits(self, condition: Schema) -> bool:
        """Whether the form fits a condition of the event configuration."""
        known = self._known.get(id(condition))
        if known is None:
            known = self._known[id(condition)] = holds(condition, self._context)
        return known


def _with_births(form: Mapping[str, Any], now: str) -> dict[str, Any]:
    """The form as conditions see it: an age has the date of birth that it means."""
    return {name: _with_birth(value, form, now) for name, value in form.items()}


def _with_birth(value: Any, form: Mapping[str, Any], now: str) -> Any:
    age = value.get("age") if isinstance(value, dict) else None
    if not isinstance(age, int | float) or isinstance(age, bool):
        return value
    day = calendar_day(form.get(str(value.get("asOfDateRef")))) or date.fromisoformat(now)
    try:
        born = day.replace(year=day.year - int(age))
    except ValueError:  # the 29th of February, or before the year 1
        born = day.replace(year=max(day.year - int(age), 1), day=28)
    return {"age": age, "dob": born.isoformat()}
