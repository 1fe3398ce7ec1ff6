"""Work that is due, by its task: the packet is handed over here; each other task is a step of its own."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bridge.failure import Failure
from bridge.flow.amend import Amend
from bridge.flow.answer import TakenAnswers
from bridge.flow.apply import Apply
from bridge.flow.ask import Ask
from bridge.flow.confirm import Confirm
from bridge.flow.pay import Pay
from bridge.flow.postpone import Postpone
from bridge.flow.transitions import Transitions
from bridge.flow.verify import Verify
from bridge.flow.wait import Wait
from bridge.nid import IdSystem, NidRefused
from bridge.registration import APPLICATION, Act, Registration, Secrets, State, Stuck, Task
from bridge.store.store import Store
from wire.redaction import redact_text
from wire.world import Clock


class Work:
    """The outbox's worker."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        nid: IdSystem,
        transitions: Transitions,
        *,
        amend: Amend,
        verify: Verify,
        pay: Pay,
        ask: Ask,
        apply: Apply,
        wait: Wait,
        answers: TakenAnswers,
        confirm: Confirm,
        postpone: Postpone,
    ) -> None:
        self._store, self._clock, self._nid, self._transitions = store, clock, nid, transitions
        self._amend, self._ask, self._wait, self._answers, self._confirm = amend, ask, wait, answers, confirm
        self._verify, self._pay, self._apply, self._postpone = verify, pay, apply, postpone
        self._log = structlog.get_logger("bridge")

    async def work(self, registration: Registration, secrets: Secrets) -> None:
        """Do the task of one registration; Failed, or Later, when it must be tried again."""
        if secrets.unreadable is not None and not registration.final:
            return await self._transitions.give_up(registration, Stuck.SECRETS_UNREADABLE, secrets.unreadable)
        match registration.task:
            case Task.AMEND:
                await self._amend.amend(registration, secrets)
            case Task.VERIFY:
                await self._verify.verify(registration, secrets)
            case Task.PAY:
                await self._pay.pay(registration, secrets)
            case Task.ASK:
                await self._ask.again(registration, secrets)
            case Task.SUBMIT:
                await self._submit(registration, secrets)
            case Task.OPEN:
                await self._answers.open_kept(registration, secrets)
            case Task.CONFIRM if registration.state is State.ISSUED:
                await self._confirm.accept(registration, secrets)
            case Task.CONFIRM:
                await self._confirm.reject(registration, secrets)
            case Task.ACKNOWLEDGE:
                await self._confirm.acknowledge(registration)
            case _:
                await self.poll([registration])
        return None

    async def poll(self, registrations: Sequence[Registration]) -> None:
        """Ask where these packets stand, in one call."""
        await self._wait.poll(registrations)

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """Note a failed attempt: due again later, held, or stuck."""
        if registration.task is Task.POLL:  # the packet waits all the same
            return await self._wait.longer(registration, redact_text(failure.words)[:300])
        if registration.task is Task.VERIFY:
            return await self._verify.postpone(registration, failure)
        if registration.task is Task.PAY:
            return await self._pay.postpone(registration, failure)
        return await self._postpone.postpone(registration, failure)

    async def _submit(self, registration: Registration, secrets: Secrets) -> None:
        """Packet created and processed; then wait for the answer."""
        if secrets.packet is None:
            return await self._transitions.give_up(
                registration, Stuck.NID_REFUSED_PACKET, "the packet is not stored"
            )

        if registration.process == APPLICATION:
            return await self._apply.apply(registration, secrets.packet)

        async def created() -> None:
            await self._store.touch(registration, "packet created", release=False, step="created")

        try:
            await self._nid.submit(registration, secrets.packet, created)
        except NidRefused as refused:
            return await self._transitions.give_up(registration, Stuck.NID_REFUSED_PACKET, str(refused))
        now = self._clock.now()
        moved = await self._transitions.advance(
            registration,
            Act.SUBMIT,
            "packet taken by the ID system",
            task=Task.POLL,
            due_at=self._wait.first_look(now),
            submitted_at=now,
        )
        self._log.info("submitted", registration=registration.id, packet=registration.packet_id)
        if moved.kept:  # its answer came while we were still submitting
            await self._store.touch(moved, task=Task.OPEN, due_at=now)
        return None
