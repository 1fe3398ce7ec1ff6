"""Which fields the country's forms have, as `event.config.get` tells.

OpenCRVS writes an acceptance with a field that no form has, answers 500, and cannot read the record any more
(contract opencrvs §0.4 row 20): so it is asked before anything is confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.country.faults import lacking_fields
from bridge.opencrvs.confirmation import CREDENTIAL, judge
from bridge.opencrvs.credentials import Credentials
from bridge.opencrvs.events import EventsService
from bridge.registration import Registration
from bridge.settings import Settings
from wire.opencrvs import trpc
from wire.opencrvs.superjson import UNDEFINED
from wire.world import Clock

Fields = Mapping[str, frozenset[str]]
"""Event type → ids of its declaration's fields."""

_FRESH = timedelta(minutes=10)
_FRESH_WHEN_LACKING = timedelta(minutes=1)
"""A form that is being mended is looked at again soon."""
_NO_SUCH_PROCEDURE = (400, 404, 405)


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


class Forms:
    """An answer counts for some minutes. `missed`: rules of the country's policy for which the forms, as they
    were seen last, have no field.
    """

    def __init__(
        self, settings: Settings, clock: Clock, events: EventsService, credentials: Credentials
    ) -> None:
        self._country, self._writes = settings.country, any(settings.policy.rules.fields())
        self._clock, self._credentials = clock, credentials
        self._ask = partial(events.ask, "event.config.get", UNDEFINED)
        self._fields: Fields | None = None
        self._asked_at: datetime | None = None
        self.missed: list[str] = []

    async def lacking(
        self, registration: Registration, token: str | None, fields: Collection[str]
    ) -> list[str] | None:
        """Those of the declaration fields that the country's form has not; None: OpenCRVS does not tell."""
        kind = registration.event_type
        if not self._fresh(kind, fields):
            ask = partial(self._ask, absent=_NO_SUCH_PROCEDURE)
            judged = partial(judge, action_id=registration.action_id)
            answer, judgement = await self._credentials.in_turn(registration, token, ask, judged)
            if answer is None or judgement.result in CREDENTIAL:
                return None  # this caller may not; another may
            if isinstance(answer, trpc.TRPCError) and answer.http_status not in _NO_SUCH_PROCEDURE:
                words = f"OpenCRVS: event.config.get: {judgement.words}"
                raise Failed(Failure(FailureKind.TRANSIENT, words, f"HTTP {answer.http_status}"))
            self._learn(answer)
        return self._known_to_lack(kind, fields)

    async def look(self) -> None:
        """Learn the forms before a record needs them, where a system client may ask and a policy writes."""
        if not (self._credentials.can_outlive and self._writes):
            return
        try:
            answer = await self._ask(await self._credentials.system_token())
        except Failed:
            return  # told where it stands in a record's way
        if not isinstance(answer, trpc.TRPCError):
            self._learn(answer)

    def ask_anew(self) -> None:
        """A form has changed: ask again before the next confirmation."""
        self._asked_at = None

    def _learn(self, answer: Any) -> None:
        self._fields, self._asked_at = fields_of(answer), self._clock.now()
        missed = [] if self._fields is None else list(lacking_fields(self._country, self._fields))
        if missed and missed != self.missed:
            structlog.get_logger("bridge").warning("forms lack what the policy needs", rules=missed)
        self.missed = missed

    def _fresh(self, event_type: str, wanted: Collection[str]) -> bool:
        """Whether the last answer still counts for this question; a clock that stepped back ends it."""
        if self._asked_at is None:
            return False
        longest = _FRESH_WHEN_LACKING if self._known_to_lack(event_type, wanted) else _FRESH
        return timedelta() <= self._clock.now() - self._asked_at < longest

    def _known_to_lack(self, event_type: str, wanted: Collection[str]) -> list[str] | None:
        if self._fields is None:
            return None
        return sorted(set(wanted) - self._fields.get(event_type, frozenset()))
