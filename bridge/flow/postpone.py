"""A try failed: the failure, a value, decides when the task is due again, whether it is held, or stuck."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bridge.advice import Stuck
from bridge.calls.channels import Channels, channel_of
from bridge.calls.failure import Failure, FailureKind
from bridge.calls.retry import Backoff
from bridge.country.rules import Patience, Then
from bridge.flow.transitions import Transitions
from bridge.registration import Registration, Task
from bridge.settings import Settings
from bridge.store.store import Store
from wire.redaction import redact_text
from wire.world import World

_OWN_ATTEMPTS, _OWN_AFTER = 5, timedelta(minutes=10)


class Postpone:
    """A fault of the channel uses up no patience."""

    def __init__(
        self, settings: Settings, world: World, store: Store, channels: Channels, transitions: Transitions
    ) -> None:
        self._world, self._store, self._channels, self._transitions = world, store, channels, transitions
        self._log = structlog.get_logger("bridge")
        self._backoff = Backoff(
            first=settings.retry_first_seconds,
            longest=settings.retry_longest_seconds,
            give_up_after=settings.give_up_seconds,
        )

    async def postpone(
        self, registration: Registration, failure: Failure, *, until: datetime | None = None
    ) -> None:
        """Due again by the back-off (or when the other side said), or stuck after `give_up_seconds`. `until`:
        whoever calls knows when patience ends; the last try is then.
        """
        words = redact_text(failure.words)[:300]
        now = self._world.clock.now()
        channel = failure.kind is FailureKind.CHANNEL and not registration.final
        goes_on = registration.first_failed_at is not None and channel is (registration.held is not None)
        since = registration.first_failed_at if goes_on and registration.first_failed_at else now
        attempts = registration.attempts + 1
        over = self._its_own(registration, since, now) if channel else self._backoff.given_up(since, now)
        if over and until is None:
            if registration.final:
                await self._store.touch(registration, f"not acknowledged: {words}", task=None, due_at=None)
                return None
            return await self._transitions.give_up(registration, stuck(registration, failure), words)
        wait = self._backoff.wait(attempts, self._world.chance.random())
        due = now + timedelta(seconds=max(wait, failure.wait or 0.0))
        due = due if until is None else min(due, until)
        await self._store.touch(
            registration,
            attempts=attempts,
            first_failed_at=since,
            last_error=words,
            due_at=due,
            held=failure.code if channel else None,
        )
        self._log.info(
            "again later", registration=registration.id, task=registration.task, attempts=attempts, why=words
        )
        return None

    async def within(self, registration: Registration, failure: Failure, patience: Patience) -> Then | None:
        """Due again, last when the country's patience ends; after that: what its policy says then."""
        end = registration.received_at + timedelta(hours=patience.after_hours)
        if self._world.clock.now() >= end:
            self._log.warning(
                "no answer in time", registration=registration.id, then=patience.then, why=failure.words
            )
            return patience.then
        await self.postpone(registration, failure, until=end)
        return None

    def _its_own(self, registration: Registration, since: datetime, now: datetime) -> bool:
        """Whether what looks like a fault of the channel is one of this record: others get through, and it
        does not, again and again.
        """
        others = self._channels.worked_since(channel_of(registration), since)
        return others and registration.attempts >= _OWN_ATTEMPTS and now - since >= _OWN_AFTER


def stuck(registration: Registration, failure: Failure) -> Stuck:
    """Why a person is needed for what could not be done."""
    channel = failure.kind is FailureKind.CHANNEL
    if failure.code in set(Stuck):
        return Stuck(failure.code)
    if registration.task is Task.AMEND:
        return Stuck.COUNTRY_UNREACHABLE
    if registration.task in (Task.ASK, Task.SUBMIT, Task.OPEN):
        return Stuck.NID_REFUSED_PACKET if channel else Stuck.NID_UNREACHABLE
    return Stuck.TOKEN_REFUSED if channel else Stuck.OPENCRVS_UNREACHABLE
