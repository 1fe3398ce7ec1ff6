"""Work that is due, by its task: the packet is handed over here; each other task is a step of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from bridge.advice import Stuck
from bridge.calls.failure import Failure
from bridge.flow.amend import Amend
from bridge.flow.answer import TakenAnswers
from bridge.flow.apply import Apply
from bridge.flow.ask import Ask
from bridge.flow.confirm import Confirm
from bridge.flow.postpone import Postpone
from bridge.flow.prepare import Prepare
from bridge.flow.transitions import Transitions
from bridge.flow.wait import Wait
from bridge.nid import IdSystem, NidRefused
from bridge.registration import APPLICATION, Act, Registration, Secrets, Task
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
        amend: Amend,
        prepare: Prepare,
        ask: Ask,
        apply: Apply,
        wait: Wait,
        answers: TakenAnswers,
        confirm: Confirm,
        postpone: Postpone,
    ) -> None:
        self._store, self._clock, self._nid, self._transitions = store, clock, nid, transitions
        self._prepare, self._apply, self._wait, self._postpone = prepare, apply, wait, postpone
        self._log = structlog.get_logger("bridge")
        self.poll = wait.poll
        self._steps: dict[Task, Callable[[Registration, Secrets], Awaitable[None]]] = {
            Task.AMEND: amend.amend,
            Task.VERIFY: prepare.work,
            Task.PAY: prepare.work,
            Task.ASK: ask.again,
            Task.SUBMIT: self._submit,
            Task.OPEN: answers.open_kept,
            Task.CONFIRM: confirm.confirm,
            Task.ACKNOWLEDGE: confirm.acknowledge,
        }

    async def work(self, registration: Registration, secrets: Secrets) -> None:
        """Do the task of one registration; Failed, or Later, when it must be tried again."""
        if secrets.unreadable is not None and not registration.final:
            return await self._transitions.give_up(registration, Stuck.SECRETS_UNREADABLE, secrets.unreadable)
        assert registration.task is not None
        return await self._steps[registration.task](registration, secrets)

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """Note a failed attempt: due again later, held, or stuck."""
        match registration.task:
            case Task.POLL:  # the packet waits all the same
                await self._wait.longer(registration, redact_text(failure.words)[:300])
            case Task.VERIFY | Task.PAY as task:
                await self._prepare.postpone(registration, failure, task)
            case _:
                await self._postpone.postpone(registration, failure)

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
        moved = await self._store.move(
            registration.id,
            Act.SUBMIT,
            "packet taken by the ID system",
            expected=registration.state,
            task=Task.POLL,
            due_at=self._wait.first_look(now),
            submitted_at=now,
        )
        self._log.info("submitted", registration=registration.id, packet=registration.packet_id)
        if moved.kept:  # its answer came while we were still submitting
            await self._store.touch(moved, task=Task.OPEN, due_at=now)
        return None
