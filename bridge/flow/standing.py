"""How the bridge stands: what waits, runs out, does not work; as lists, readiness and metrics tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.calls.channels import ChannelFault, Channels
from bridge.calls.retry import Circuit
from bridge.flow.attempts import Attempts
from bridge.nid import IdSystem
from bridge.opencrvs.client import OpenCRVS
from bridge.registration import DESTINATION, Destination
from bridge.settings import Settings
from bridge.store.backlog import Backlog
from bridge.store.listings import Listings
from wire.world import Clock


@dataclass(frozen=True)
class Drain:
    """What is due at a destination, and the seconds that it takes: by the rate that is set, else as this
    process gets work done now; None while it gets none done.
    """

    destination: Destination
    waiting: int
    seconds: float | None


@dataclass(frozen=True)
class Standing:
    """`held`: how many registrations wait for a channel's fault, by its code; like the backlog it is the
    store's, so that every replica tells the same. The rest is this process's own.
    """

    backlog: Backlog
    held: Mapping[str, int]
    drain: Sequence[Drain]
    circuits: Mapping[Destination, Circuit]
    faults: Sequence[ChannelFault]
    subscribed: Mapping[str, bool]
    certificates: Mapping[str, datetime]
    """When those in use run out, by the setting that gives each."""
    forms_lack: Sequence[str]
    """Rules of the country's policy for which the forms have no field."""


class Outlook:
    """Looks at the parts that know."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        listings: Listings,
        nid: IdSystem,
        opencrvs: OpenCRVS,
        attempts: Attempts,
        channels: Channels,
    ) -> None:
        self._warning, self._clock = timedelta(seconds=settings.expiry_warning_seconds), clock
        self._listings, self._nid, self._opencrvs, self._paces = listings, nid, opencrvs, settings.paces
        self._attempts, self._channels = attempts, channels

    async def now(self) -> Standing:
        """Tokens count as running out when a confirmation still needs them."""
        now = self._clock.now()
        backlog = await self._listings.backlog(now, now + self._warning)
        if self._opencrvs.credentials.can_outlive:
            backlog = replace(backlog, expiring=0)
        return Standing(
            backlog,
            await self._listings.held(),
            self._drain(backlog),
            self._attempts.circuits,
            self._channels.faults,
            self._nid.listening,
            self._nid.certificates,
            self._opencrvs.forms.missed,
        )

    def _drain(self, backlog: Backlog) -> list[Drain]:
        """For each destination that has something due."""
        due: dict[Destination, int] = {}
        for task, count in backlog.due.items():
            due[DESTINATION[task]] = due.get(DESTINATION[task], 0) + count
        found = []
        for destination, count in due.items():
            pace = self._paces.get(destination)
            speed = (pace.rate if pace is not None else None) or self._attempts.speed(destination)
            found.append(Drain(destination, count, count / speed if speed else None))
        return found
