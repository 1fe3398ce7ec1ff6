"""What the bridge looks after by itself: tokens that run out, older keys, registrations settled long ago, the
forms.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from bridge.opencrvs.client import OpenCRVS
from bridge.registration import Registration
from bridge.settings import Settings
from bridge.store.lanes import StoreClosed
from bridge.store.store import Store
from wire.background import Loop
from wire.world import Clock

_LONGEST_SECONDS = 6 * 3600.0
_PAGE = 500


class Housekeeping:
    """One loop. Between two rounds lies at most half of the warning time, so that no token slips through."""

    def __init__(self, settings: Settings, clock: Clock, store: Store, opencrvs: OpenCRVS) -> None:
        self._store, self._clock, self._opencrvs = store, clock, opencrvs
        self._log = structlog.get_logger("bridge")
        self._warning = timedelta(seconds=settings.expiry_warning_seconds)
        self._retention = timedelta(days=settings.retention_days)
        self.loop = Loop("watch", self._clock, self._round, ends=(StoreClosed,))

    @property
    def seconds(self) -> float:
        """From one round to the next."""
        return min(_LONGEST_SECONDS, self._warning.total_seconds() / 2)

    def start(self) -> None:
        self.loop.start()

    async def close(self) -> None:
        await self.loop.close()

    async def _round(self) -> float:
        """Everything is looked after, also when one of it fails; that is told, and tried again."""
        failed: Exception | None = None
        for look in (self.warn, self._store.rotation.run, self._purge, self._opencrvs.forms.look):
            try:
                await look()
            except StoreClosed:
                raise
            except Exception as error:  # noqa: BLE001 - raised when the others had their turn
                failed = error
        if failed is not None:
            raise failed
        return self.seconds

    async def warn(self) -> None:
        """Name every registration whose token runs out before it is settled, the next one first."""
        if self._opencrvs.credentials.can_outlive:
            return
        before = self._clock.now() + self._warning
        last: Registration | None = None
        while page := await self._store.listings.expiring(before, after=last, limit=_PAGE):
            last = page[-1]
            for registration in page:
                self._log.warning(
                    "token runs out",
                    registration=registration.id,
                    event_id=registration.event_id,
                    state=registration.state.value,
                    at=str(registration.token_expires_at),
                )

    async def _purge(self) -> None:
        before = self._clock.now() - self._retention
        while await self._store.erasure.purge(before, most=_PAGE):
            pass
