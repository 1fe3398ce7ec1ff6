"""Synchronous mode: the ID system is asked while OpenCRVS waits for the HTTP answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bridge.advice import Stuck
from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.country.policy import Mode
from bridge.flow.record import Record
from bridge.flow.reply import ANSWER_GRACE, TriggerReply
from bridge.flow.transitions import Transitions
from bridge.nid import Done, IdSystem, NidDown, No, Yes
from bridge.opencrvs.client import OpenCRVS
from bridge.registration import Act, Amendment, Registration, Secrets, State, Task
from bridge.settings import Settings
from bridge.store.store import Store
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces


class Ask:
    """Asks now, and stores what was said before OpenCRVS is told."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        store: Store,
        nid: IdSystem,
        opencrvs: OpenCRVS,
        record: Record,
        transitions: Transitions,
        traces: Traces | None,
    ) -> None:
        self._seconds, self._policy, self._world = settings.sync_seconds, settings.policy, world
        self._store, self._nid, self._opencrvs = store, nid, opencrvs
        self._record, self._transitions, self._traces = record, transitions, traces
        self._log = structlog.get_logger("bridge")

    async def ask(self, new: Registration, secrets: Secrets, mode: Mode) -> TriggerReply:
        """The reply to a synchronous question."""
        registration, is_new = await self._record.add(new, secrets, "received, the ID system is asked")
        if not is_new:
            return await self.repeated(registration, secrets.token)
        packet = secrets.packet
        assert packet is not None
        began, answer, failure = self._world.clock.now(), None, None
        try:
            async with self._world.clock.timeout(self._seconds):
                answer = await self._nid.ask_now(replace(registration, step=None), packet)
        except NidDown as down:
            failure = down.failure
        except TimeoutError:
            failure = Failure(FailureKind.TRANSIENT, "no answer in time")
        if self._traces is not None:
            self._traces.asked(registration, began, failure)
        if answer is None:
            assert failure is not None
            return await self._not_now(registration, mode, failure)
        if isinstance(answer, No):
            note = answer.said.format(code=answer.code)
            return await self.no(registration, answer.code, note, self._policy.in_words(answer.code))
        return await self.yes(registration, answer, secrets)

    async def again(self, registration: Registration, secrets: Secrets) -> None:
        """A question whose answer did not reach OpenCRVS (the outbox's ASK task): asked again, confirmed
        asynchronously.
        """
        if secrets.packet is None:
            return await self._transitions.give_up(
                registration, Stuck.NID_REFUSED_PACKET, "the packet is not stored"
            )
        answer = await self._nid.ask_now(registration, secrets.packet)
        return await self._transitions.answered(registration, answer)

    async def yes(self, registration: Registration, answer: Yes | Done, secrets: Secrets) -> TriggerReply:
        """A yes, stored, as OpenCRVS is told it; 202 where it could not keep it."""
        national_id = answer.national_id if isinstance(answer, Yes) else None
        moved = await self._store.move(
            registration.id,
            Act.ISSUE,
            answer.said,
            secrets=Secrets(national_id=national_id, amendment=secrets.amendment),
            task=Task.CONFIRM,
            due_at=self._world.clock.now() + ANSWER_GRACE,
        )
        amended = self._policy.amended(moved.event_type, national_id, secrets.amendment)
        has_place = await self._has_place(moved, amended, secrets.token)
        if has_place is False:
            # OpenCRVS would write the answer and break the record: the outbox says so, or confirms later
            now = self._world.clock.now()
            await self._store.touch(moved, "not answered at once", due_at=now)
            return TriggerReply(202, {}, replace(moved, due_at=now))
        success = self._success(moved, amended, secrets.amendment)
        return TriggerReply(200, success, moved, unsure=has_place is None)

    async def _has_place(
        self, registration: Registration, amended: Mapping[str, Any], token: str | None
    ) -> bool | None:
        """Whether the form has the fields that we add; False, too, when it cannot be asked for now, and None
        when OpenCRVS does not tell.
        """
        if not amended:
            return True
        try:
            lacking = await self._opencrvs.forms.lacking(registration, token, amended)
        except Failed:
            return False
        return None if lacking is None else not lacking

    def _success(
        self, registration: Registration, amended: Mapping[str, Any], amendment: Amendment
    ) -> dict[str, Any]:
        registers = registration.action_type == "REGISTER"  # 1.9 takes no number for another action
        body: dict[str, Any] = {"registrationNumber": registration.number} if registers else {}
        if amended:
            body["declaration"] = amended
        if amendment.annotation is not None:
            body["annotation"] = amendment.annotation
        return body

    async def no(self, registration: Registration, code: str, note: str, words: str) -> TriggerReply:
        """A no, stored; its `code` and words are the reason."""
        self._log.info("refused", registration=registration.id, code=code)
        moved = await self._store.move(
            registration.id,
            Act.REFUSE,
            note,
            reason=code,
            words=words,
            task=Task.CONFIRM,
            due_at=self._world.clock.now() + ANSWER_GRACE,
        )
        return TriggerReply(400, {"reason": words}, moved)

    async def _not_now(self, registration: Registration, mode: Mode, failure: Failure) -> TriggerReply:
        """No answer in time: the question stays with the outbox, which asks again and confirms by itself."""
        self._log.warning("no synchronous answer", registration=registration.id, why=failure.words)
        due = self._world.clock.now() + timedelta(seconds=failure.wait or 0.0)
        await self._store.touch(registration, f"no answer in time: {failure.words}"[:200], due_at=due)
        later = replace(registration, due_at=due)
        if mode is Mode.ASYNC_AFTER_SYNC_TIMEOUT:
            return TriggerReply(202, {}, later)
        return TriggerReply(
            503, {"reason": "The ID system does not answer; the registration is confirmed later."}, later
        )

    async def repeated(self, registration: Registration, token: str | None) -> TriggerReply:
        """A repeated synchronous question: the same answer when there is one, else it is under way."""
        if registration.mode == "sync" and registration.state is State.CONFIRMED:
            secrets = await self._store.lookups.secrets(registration.id)
            if secrets.unreadable is not None:
                self._log.error("cannot repeat", registration=registration.id, why=secrets.unreadable)
                return TriggerReply(
                    503, {"reason": "The answer given before cannot be read now."}, registration
                )
            amended = self._policy.amended(registration.event_type, secrets.national_id, secrets.amendment)
            return TriggerReply(200, self._success(registration, amended, secrets.amendment), registration)
        if registration.mode == "sync" and registration.state is State.REJECTED:
            return TriggerReply(
                400,
                {"reason": registration.words or self._policy.in_words(registration.reason)},
                registration,
            )
        if registration.final:
            registration = await self._record.asked_again(registration, token)
        return TriggerReply(202, {}, registration)
