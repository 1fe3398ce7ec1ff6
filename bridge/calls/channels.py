"""Faults of the ways to others that a person has to mend: told once, listed while they stand.

A record that fails by one is held: it waits without losing its patience and goes on by itself when it is
mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bridge.advice import remedy
from bridge.calls.failure import Failure, FailureKind
from bridge.calls.resting import Resting
from bridge.registration import DESTINATION, Registration, Task
from wire.world import World

_TRY = timedelta(minutes=1)
"""How long one tries for all, at most."""


@dataclass(frozen=True)
class ChannelFault:
    """A way that does not work: `channel` names it, `since` is when it was first seen."""

    channel: str
    failure: Failure
    since: datetime


class Channels:
    """What this process knows of the ways it asks on."""

    def __init__(self, world: World) -> None:
        self._world, self._clock = world, world.clock
        self._log = structlog.get_logger("bridge.channels")
        self._faults: dict[str, ChannelFault] = {}
        self._worked_at: dict[str, datetime] = {}
        self._resting: dict[str, Resting] = {}
        self._trying_until: dict[str, datetime] = {}

    @property
    def faults(self) -> Sequence[ChannelFault]:
        """Those that stand, the oldest first."""
        return list(self._faults.values())

    def failed(self, channel: str, failure: Failure) -> None:
        """Note a failure; one that a person has to mend is told, once."""
        if failure.kind is not FailureKind.CHANNEL:
            return
        told = any(known.failure.code == failure.code for known in self._faults.values())
        self._resting.setdefault(channel, Resting(self._world)).failed(failure)
        self._trying_until.pop(channel, None)
        known = self._faults.get(channel)
        self._faults[channel] = ChannelFault(channel, failure, known.since if known else self._clock.now())
        if not told:
            self._log.error(
                "channel fault: records wait until it is mended",
                channel=channel,
                code=failure.code,
                why=failure.words,
                remedy=remedy(failure.code),
            )

    def rests(self, channel: str) -> float:
        """Seconds for which one that its fault holds does not try; 0 for one of them when a rest is over."""
        now = self._clock.now()
        resting = self._resting.get(channel)
        if resting is None:
            return 0.0
        failure, trying = resting.failure, self._trying_until.get(channel, now)
        left = (failure.wait if failure is not None else None) or (trying - now).total_seconds()
        if left <= 0 or (left > _TRY.total_seconds() and failure is None):  # the clock was put back
            self._trying_until[channel] = now + _TRY
            return 0.0
        return left

    def mended(self, channel: str) -> None:
        """Somebody says so: the next try is now."""
        self._resting.pop(channel, None)

    def worked(self, channel: str) -> bool:
        """Note a success; True when it ended a fault."""
        self._worked_at[channel] = self._clock.now()
        self.mended(channel)
        fault = self._faults.pop(channel, None)
        if fault is not None:
            self._log.info("channel mended", channel=channel, code=fault.failure.code)
        return fault is not None

    def worked_since(self, channel: str, instant: datetime) -> bool:
        """Whether somebody got through on it after that instant."""
        return channel in self._worked_at and self._worked_at[channel] > instant


_OF_ALL = (Task.POLL, Task.VERIFY, Task.PAY)
"""Tasks that are the same for every process."""


def channel_of(registration: Registration) -> str:
    """What its task goes by: a fault of it is one of all registrations of the same task and process."""
    assert registration.task is not None
    process = "" if registration.task in _OF_ALL else f" {registration.process}"
    return f"{DESTINATION[registration.task]}: {registration.task}{process}"
