"""What the ID system sends by itself: repetitions are recognised, it is read, and stored; only then the
sender is answered. What is not believed changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from structlog.contextvars import bind_contextvars

from bridge.advice import Stuck
from bridge.country.policy import Policy
from bridge.flow.transitions import Transitions
from bridge.flow.wait import Wait
from bridge.nid import (
    Answer,
    Delivery,
    DeliveryRefused,
    Done,
    IdSystem,
    NidDown,
    NidRefused,
    No,
    NotBelieved,
    NotYet,
    Reading,
    Taken,
)
from bridge.registration import Act, NotAllowed, Registration, Secrets, State, Task, allowed_from
from bridge.store.store import Store
from wire.world import Clock

if TYPE_CHECKING:
    from bridge.traces import Traces

_Noted = tuple[str, str]
"""Id and channel of a delivery, noted with what it changes."""


_LONG = re.compile(r"[0-9]{20,}")
"""A packet id that cannot be a national ID. What is not ours may be anything."""


class TakenAnswers:
    """The `Answers` of this bridge."""

    def __init__(
        self,
        policy: Policy,
        clock: Clock,
        store: Store,
        nid: IdSystem,
        transitions: Transitions,
        wait: Wait,
        traces: Traces | None,
    ) -> None:
        self._policy, self._clock, self._store, self._nid = policy, clock, store, nid
        self._transitions, self._wait, self._traces = transitions, wait, traces
        self._log = structlog.get_logger("bridge.callback")

    async def take(self, delivery: Delivery, read: Reading) -> Taken:
        """Read and store what came; DeliveryRefused when it is not believed."""
        registration, before = await self._store.lookups.delivered_to(delivery.packet_id, delivery.id)
        if registration is None:
            if not delivery.broadcast:
                # MOSIP sends every later credential of a person again, under other registrations
                packet = delivery.packet_id if _LONG.fullmatch(delivery.packet_id) else None
                self._log.info("a delivery for a registration that is not ours", packet=packet)
            return Taken.IGNORED
        bind_contextvars(**registration.names)
        began, came_to = self._clock.now(), "not taken"
        try:
            taken = await self._take(registration, before, delivery, read)
            came_to = taken.value
        finally:
            if self._traces is not None:
                self._traces.delivered(registration, began, delivery.channel, came_to)
        return taken

    async def _take(
        self, registration: Registration, before: str | None, delivery: Delivery, read: Reading
    ) -> Taken:
        if before is not None:
            self._log.info("delivery repeated", registration=registration.id, first=before)
            return Taken.REPEATED
        if registration.state not in allowed_from(Act.ISSUE):
            self._log.info("delivery too late", registration=registration.id, state=registration.state)
            return Taken.IGNORED
        try:
            answer = await read(registration)
        except NotBelieved as refused:
            self._log.warning("credential refused", registration=registration.id, why=str(refused))
            raise DeliveryRefused(422, "The credential is not believed", str(refused)) from refused
        except NidDown as down:
            # it cannot be read now: kept, so that the sender need not know
            return await self._keep(registration, delivery, str(down))
        try:
            return await self._use(registration, answer, (delivery.id, delivery.channel))
        except NotAllowed as late:  # another delivery, or an answer of its own, was faster
            self._log.info("overtaken", why=str(late))
            return Taken.IGNORED

    async def _use(self, registration: Registration, answer: Answer | NotYet, noted: _Noted | None) -> Taken:
        if isinstance(answer, NotYet):
            await self._ask_itself(registration, answer.said, noted)
            return Taken.NOTED
        if isinstance(answer, Done) and self._policy.awaits_national_id(registration):
            await self._await_national_id(registration, noted)
            return Taken.NOTED
        await self._transitions.answered(registration, answer, delivery=noted)
        return Taken.REFUSED if isinstance(answer, No) else Taken.ISSUED

    async def _ask_itself(self, registration: Registration, said: str, noted: _Noted | None) -> None:
        """What came is no answer, but may mean that there is one: ask where the packet stands."""
        changes: dict[str, Any] = {}
        if registration.state is State.SUBMITTED:
            changes = {"task": Task.POLL, "due_at": self._clock.now()}
        if noted is not None:
            await self._store.deliveries.receive(*noted, registration.id, "noted", **changes)
        else:
            await self._store.touch(registration, f"{said}: status asked", **changes)

    async def _await_national_id(self, registration: Registration, noted: _Noted | None) -> None:
        """Done, and the national ID comes by itself."""
        polled = registration.state is State.SUBMITTED and registration.task is Task.POLL
        if polled and await self._wait.soon(registration, noted):
            return
        if noted is not None:
            await self._store.deliveries.receive(*noted, registration.id, "noted")
        if registration.reason == Stuck.NID_SILENT:
            self._log.info("answer after giving up", registration=registration.id)

    async def _keep(self, registration: Registration, delivery: Delivery, why: str) -> Taken:
        """Store a delivery that has to be opened later."""
        if registration.kept:
            # the first is being opened; this one's id is not noted, so that it may be sent again
            self._log.info("another delivery is kept already", registration=registration.id)
            return Taken.NOTED
        if registration.state not in allowed_from(Act.ISSUE):
            return Taken.IGNORED
        changes: dict[str, Any] = {"delivery": delivery.body, "expected": registration.state}
        if registration.state is not State.QUEUED:  # one that is being submitted is opened after that
            now = self._clock.now()
            changes |= {"task": Task.OPEN, "due_at": now, "attempts": 0, "first_failed_at": None}
        try:
            await self._store.deliveries.receive(
                delivery.id, delivery.channel, registration.id, "kept", **changes
            )
        except NotAllowed:  # it went on since it was read, or another link was faster
            found = await self._store.lookups.by_id(registration.id)
            return Taken.IGNORED if found is None else await self._keep(found, delivery, why)
        self._log.info("delivery kept", registration=registration.id, why=why)
        return Taken.NOTED

    async def open_kept(self, registration: Registration, secrets: Secrets) -> None:
        """Open a delivery that was kept (the outbox's OPEN task)."""
        if secrets.delivery is None:
            return await self._back_to_waiting(registration, "no delivery is stored")
        try:
            answer = await self._nid.open(registration, secrets.delivery)
        except (NotBelieved, NidRefused) as refused:
            return await self._back_to_waiting(registration, f"credential refused: {refused}")
        await self._use(registration, answer, None)
        return None

    async def _back_to_waiting(self, registration: Registration, why: str) -> None:
        self._log.warning("delivery not usable", registration=registration.id, why=why)
        changes: dict[str, Any] = {"task": None, "due_at": None}
        if registration.state is not State.STUCK:
            now = self._clock.now()
            changes = {"task": Task.POLL, "due_at": now, "step": None, "attempts": 0}
        # it was not taken, so its id must not be known either: the next one counts
        await self._store.touch(registration, why, forget_kept=True, delivery=None, held=None, **changes)
