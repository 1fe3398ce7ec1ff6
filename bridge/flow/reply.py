"""What OpenCRVS is answered at once, and what begins when it has the answer, or has not taken it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bridge.flow.outbox import Outbox
from bridge.flow.transitions import Transitions
from bridge.registration import FINAL, UNTOLD, Act, NotAllowed, Registration, Secrets
from bridge.store.lanes import StoreTrouble
from bridge.store.store import Store
from wire.world import Clock

if TYPE_CHECKING:
    from bridge.traces import Traces

ANSWERED = "answered"
"""The step of a success that OpenCRVS was told, and may not have been able to keep."""
ANSWER_GRACE = timedelta(seconds=30)
"""How long OpenCRVS may take to read a synchronous answer before we confirm it ourselves."""


@dataclass(frozen=True)
class TriggerReply:
    """What to answer: 200 with a body, 202, 400 or 503; and the registration that it is about."""

    status: int
    body: Mapping[str, Any]
    registration: Registration | None = None
    secrets: Secrets = field(default_factory=Secrets)
    leased: bool = False
    unsure: bool = False
    """Whether OpenCRVS may break the record by writing a success: it is looked at afterwards."""
    rejects: bool = False
    """Whether a rejection follows as soon as OpenCRVS has the answer."""


class Replies:
    """Goes on after an answer."""

    def __init__(
        self, store: Store, clock: Clock, outbox: Outbox, transitions: Transitions, traces: Traces | None
    ) -> None:
        self._store, self._clock, self._outbox = store, clock, outbox
        self._transitions, self._traces = transitions, traces
        self._log = structlog.get_logger("bridge")

    async def told(self, reply: TriggerReply, *, whole: bool) -> None:
        """The reply left `whole`; or the caller went away before: what it was told is confirmed the other
        way.
        """
        registration = reply.registration
        if registration is None:
            return
        if self._traces is not None:
            self._traces.triggered(registration, reply.status)
        if reply.leased:
            self._outbox.begin(registration, reply.secrets)
        elif registration.state in FINAL:
            return
        elif not whole:
            if registration.task is not None:
                self._log.warning("the answer was not taken", registration=registration.id)
                await self._note(registration, "answer not taken", due_at=self._clock.now())
        elif reply.rejects:
            await self._note(registration, "rejected with words", due_at=self._clock.now())
        elif reply.unsure:
            await self._note(registration, "OpenCRVS was answered", step=ANSWERED)
        elif reply.status in (200, 400):
            await self._settle(registration, yes=reply.status == 200)

    async def _note(self, registration: Registration, note: str, **changes: Any) -> None:
        with suppress(StoreTrouble):  # then it is due a little later, as if the answer had been lost
            await self._store.touch(registration, note, **changes)

    async def _settle(self, registration: Registration, *, yes: bool) -> None:
        # a 400 carries no reason (contract opencrvs §1.2)
        act, step = (Act.ANSWER_YES, None) if yes else (Act.ANSWER_NO, UNTOLD)
        # the national ID stays (encrypted) so that a repeated question gets the same answer
        drop = ("token", "packet", "delivery", "document")
        try:
            moved = await self._store.move(
                registration.id, act, "OpenCRVS was answered", drop=drop, step=step
            )
        except NotAllowed as late:
            self._log.info("was confirmed before", registration=registration.id, why=str(late))
        except StoreTrouble as trouble:  # the outbox finds that it was answered
            self._log.warning("answered, not noted", registration=registration.id, why=str(trouble))
        else:
            if moved.untold:
                self._transitions.untold(moved)
