"""The packet is with the ID system: asked where it stands, until there is an answer or patience ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from structlog.contextvars import bound_contextvars

from bridge.advice import Stuck
from bridge.calls.retry import Backoff
from bridge.flow.transitions import Transitions
from bridge.nid import Answer, Done, IdSystem, NotYet, Yes
from bridge.registration import NotAllowed, Registration
from bridge.settings import Settings
from bridge.store.store import Store
from wire.world import World


class Wait:
    """What the ID system did not tell by itself is found here."""

    def __init__(
        self, settings: Settings, world: World, store: Store, nid: IdSystem, transitions: Transitions
    ) -> None:
        self._settings, self._policy, self._world, self._store = settings, settings.policy, world, store
        self._nid, self._transitions = nid, transitions
        self._log = structlog.get_logger("bridge")
        self._backoff = Backoff(
            first=settings.poll_after_seconds,
            longest=settings.poll_longest_seconds,
            give_up_after=float("inf"),
        )

    def first_look(self, now: datetime) -> datetime:
        """When a packet that was taken now is asked for."""
        return now + timedelta(seconds=min(self._settings.poll_after_seconds, self._settings.stalled_seconds))

    async def poll(self, registrations: Sequence[Registration]) -> None:
        """Ask for packets without an answer, in one call."""
        standing = await self._nid.standing([r.packet_id for r in registrations])
        for registration in registrations:
            with bound_contextvars(**registration.names):
                try:
                    await self._stands(registration, standing.get(registration.packet_id, NotYet()))
                except NotAllowed as late:  # answered while we asked; the others of the batch go on
                    self._log.info("overtaken", why=str(late))

    async def _stands(self, registration: Registration, standing: Answer | NotYet) -> None:
        if isinstance(standing, NotYet):
            await self.longer(registration, standing.said)
        elif isinstance(standing, Done) and self._policy.awaits_national_id(registration):
            await self._without_national_id(registration)
        else:
            await self._transitions.answered(registration, standing)

    async def _without_national_id(self, registration: Registration) -> None:
        """Done, and its national ID should have come by itself."""
        if registration.step != "processed":
            await self.soon(registration)
            return None
        national_id = await self._nid.recover(registration.packet_id)
        if national_id is None:
            return await self._transitions.give_up(
                registration, Stuck.CREDENTIAL_MISSING, "processed without a credential"
            )
        self._log.info("national ID fetched", registration=registration.id)
        fetched = Yes(national_id, "national ID fetched from the ID system")
        return await self._transitions.answered(registration, fetched)

    async def soon(self, registration: Registration, told: tuple[str, str] | None = None) -> bool:
        """Its national ID is on its way: ask when it should have come. `told`, False: as `Store.touch`."""
        due = self._world.clock.now() + timedelta(seconds=self._settings.grace_seconds)
        note = "processed, credential awaited"
        return await self._store.touch(registration, note, told=told, step="processed", due_at=due)

    async def longer(self, registration: Registration, words: str) -> None:
        """No answer yet: ask again later, or STUCK."""
        now = self._world.clock.now()
        since = registration.submitted_at or registration.received_at
        left = self._settings.stalled_seconds - (now - since).total_seconds()
        if left <= 0:
            return await self._transitions.give_up(registration, Stuck.NID_SILENT, words)
        wait = self._backoff.wait(registration.attempts + 2, self._world.chance.random())
        due = now + timedelta(seconds=min(wait, left))
        await self._store.touch(
            registration, due_at=due, attempts=registration.attempts + 1, last_error=words
        )
        return None
