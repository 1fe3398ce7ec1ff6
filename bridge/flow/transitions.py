"""The transitions that several steps make: the ID system's yes and no, stuck, and what begins after them.

Persist first, act second: what follows a transition begins when it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bridge.advice import Stuck
from bridge.country.policy import Policy
from bridge.flow.outbox import Outbox
from bridge.nid import Answer, No, Yes
from bridge.registration import NEEDS, Act, Amendment, Registration, Secrets, Task
from bridge.store.rows import SECRET
from bridge.store.store import Store
from wire.redaction import redact_text
from wire.world import Clock


def first(ahead: Sequence[Task]) -> Task:
    """The first task of a registration that has these before its packet."""
    return ahead[0] if ahead else Task.SUBMIT


@dataclass(frozen=True)
class Prepared:
    """A task before the packet is done; `fields` go into the declaration."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def added_to(self, amendment: Amendment) -> Amendment:
        return replace(amendment, declaration={**amendment.declaration, **self.fields})


@dataclass(frozen=True)
class NotPrepared:
    """Why an action cannot go on: a code, a line for its history, words for the registrar."""

    code: str
    note: str
    words: str


class Transitions:
    """Each is stored when its method returns; NotAllowed when it cannot be made any more.

    `count_untold` counts the rejections whose reason the registrar cannot read.
    """

    def __init__(
        self, policy: Policy, clock: Clock, store: Store, outbox: Outbox, *, count_untold: Callable[[], None]
    ) -> None:
        self._policy, self._clock, self._store, self._outbox = policy, clock, store, outbox
        self._count_untold = count_untold
        self._log = structlog.get_logger("bridge")

    async def answered(
        self, registration: Registration, answer: Answer, *, delivery: tuple[str, str] | None = None
    ) -> None:
        """The ID system's word; the confirmation begins at once when there is room."""
        if isinstance(answer, No):
            note = answer.said.format(code=answer.code)
            return await self.refuse(registration, answer.code, note, delivery=delivery)
        national_id = None
        if isinstance(answer, Yes) and self._policy.awaits_national_id(registration):
            national_id = answer.national_id
        await self._confirm_next(
            registration,
            Act.ISSUE,
            answer.said,
            secrets=Secrets(national_id=national_id),
            delivery=delivery,
            acknowledge_id=answer.receipt,
        )
        return None

    async def refuse(
        self,
        registration: Registration,
        code: str,
        note: str,
        *,
        words: str | None = None,
        delivery: tuple[str, str] | None = None,
    ) -> None:
        """The ID system's (or an operator's) no."""
        said = words or self._policy.in_words(code)
        await self._confirm_next(registration, Act.REFUSE, note, reason=code, words=said, delivery=delivery)

    async def refuse_by(self, registration: Registration, no: NotPrepared) -> None:
        """The no of a task before the packet."""
        await self.refuse(registration, no.code, no.note, words=no.words)

    async def _confirm_next(self, registration: Registration, act: Act, note: str, **changes: Any) -> None:
        moved = await self.go_on(registration, act, note, Task.CONFIRM, **changes)
        self._log.info(moved.state.value.lower(), registration=moved.id, packet=moved.packet_id, note=note)

    async def go_on(
        self, registration: Registration, act: Act, note: str, task: Task, **changes: Any
    ) -> Registration:
        """A transition whose next task begins at once when there is room; else the outbox finds it."""
        lease = self._outbox.reserve(task)
        now = self._clock.now()
        try:
            needs = NEEDS[task] if lease is not None else ()
            moved, secrets = await self._store.move_for(
                needs, registration.id, act, note, task=task, due_at=now, lease=lease, **changes
            )
        except BaseException:
            if lease is not None:
                self._outbox.release(task)
            raise
        if lease is not None:
            self._outbox.begin(moved, secrets)
        return moved

    async def prepared(self, registration: Registration, note: str, *, done: int = 1, **changes: Any) -> None:
        """As many tasks before the packet are done: on to the next one, to the packet, or to the answer."""
        ahead = registration.preparation[done:]
        if not ahead and not registration.makes_packet:
            secrets = Secrets(**{name: changes.pop(name) for name in SECRET if name in changes})
            return await self._confirm_next(registration, Act.ISSUE, note, secrets=secrets, **changes)
        await self._store.touch(
            registration,
            note,
            ahead=" ".join(ahead) or None,
            task=first(ahead),
            due_at=self._clock.now(),
            attempts=0,
            first_failed_at=None,
            last_error=None,
            held=None,
            **changes,
        )
        return None

    async def applied(self, registration: Registration) -> None:
        """An older child was applied for, under the number in `step`: it goes into the record where the
        country has a place for it.
        """
        place = self._policy.rules.application
        fields = {place: registration.step or ""} if isinstance(place, str) else {}
        amendment = (await self._store.lookups.secrets(registration.id, {"amendment"})).amendment
        told = Prepared(fields).added_to(amendment)
        note = f"application {registration.step} taken by the ID system"
        await self._confirm_next(registration, Act.ISSUE, note, secrets=Secrets(amendment=told))

    async def give_up(self, registration: Registration, reason: Stuck, words: str) -> None:
        """A person is needed: STUCK, with a reason and what was said last."""
        words = redact_text(words)[:300]
        await self._store.move(
            registration.id,
            Act.GIVE_UP,
            f"stuck: {reason.value}",
            expected=registration.state,
            reason=reason.value,
            last_error=words,
            attempts=registration.attempts,
            step=registration.step,
        )
        self._log.warning("stuck", registration=registration.id, reason=reason.value, why=words)

    def untold(self, registration: Registration) -> None:
        """A rejection took effect and its reason is nowhere in OpenCRVS: told here, listed, and counted."""
        self._log.warning(
            "the registrar does not see the reason",
            registration=registration.id,
            reason=registration.reason,
            words=registration.words,
        )
        self._count_untold()
