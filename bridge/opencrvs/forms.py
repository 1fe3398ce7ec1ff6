"""Which fields the country's forms have, as `event.config.get` tells. Pure but for what it remembers.

OpenCRVS writes an acceptance with a field that no form has, answers 500, and cannot read the record any more
(contract opencrvs §0.4 row 20): so it is asked before anything is confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

Fields = Mapping[str, frozenset[str]]
"""Event type → ids of its declaration's fields."""

_FRESH = timedelta(minutes=10)
_FRESH_WHEN_LACKING = timedelta(minutes=1)
"""A form that is being mended is looked at again soon."""


def fields_of(configurations: Any) -> Fields | None:
    """What `event.config.get` answered; None when that is no list of event configurations."""
    try:
        return {
            str(each["id"]): frozenset(
                str(field["id"]) for page in each["declaration"]["pages"] for field in page["fields"]
            )
            for each in configurations
        }
    except (LookupError, TypeError):
        return None


class FormFields:
    """The last answer. `fields` None: OpenCRVS does not tell this caller."""

    def __init__(self) -> None:
        self._fields: Fields | None = None
        self._asked_at: datetime | None = None

    def learn(self, fields: Fields | None, now: datetime) -> None:
        self._fields, self._asked_at = fields, now

    def forget(self) -> None:
        """A form has changed: ask again before the next confirmation."""
        self._asked_at = None

    def fresh(self, event_type: str, wanted: Collection[str], now: datetime) -> bool:
        """Whether the last answer still counts for this question; a clock that stepped back ends it."""
        if self._asked_at is None:
            return False
        longest = _FRESH_WHEN_LACKING if self.lacking(event_type, wanted) else _FRESH
        return timedelta() <= now - self._asked_at < longest

    def lacking(self, event_type: str, wanted: Collection[str]) -> list[str] | None:
        """The wanted fields that the form has not; None when nobody told."""
        if self._fields is None:
            return None
        return sorted(set(wanted) - self._fields.get(event_type, frozenset()))
