"""What stands before an action's packet, or its answer: people are verified, a fee is paid. Each a task."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from bridge.advice import Stuck
from bridge.calls.failure import Failure
from bridge.country.rules import Patience
from bridge.flow.postpone import Postpone
from bridge.flow.transitions import NotPrepared, Prepared, Transitions
from bridge.registration import Registration, Secrets, Task
from bridge.store.lookups import Lookups


class Preparation(ABC):
    """One of them. `done` and `goes_on` are lines of the history: asked, and without a word by policy."""

    stuck: Stuck
    done: str
    goes_on: str

    @property
    @abstractmethod
    def patience(self) -> Patience:
        """The country's, while nobody says."""

    @property
    @abstractmethod
    def no_word(self) -> NotPrepared:
        """The rejection of what nobody said in time."""

    @abstractmethod
    async def ask(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """Ask now; Failed when nobody says."""

    async def without(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """Go on without what nobody said."""
        return Prepared()

    def may_reject(self, registration: Registration, secrets: Secrets) -> bool:
        """Whether its no, or its silence, stands in the action's way."""
        return True


class Prepare:
    """Does the tasks, and goes on with what is said, or without it when the country's patience ends."""

    def __init__(
        self,
        lookups: Lookups,
        postpone: Postpone,
        transitions: Transitions,
        steps: Mapping[Task, Preparation],
    ) -> None:
        self._lookups, self._postpone, self._transitions, self.steps = lookups, postpone, transitions, steps

    async def work(self, registration: Registration, secrets: Secrets) -> None:
        """The outbox's VERIFY and PAY."""
        assert registration.task is not None
        step = self.steps[registration.task]
        if secrets.document is None:
            return await self._transitions.give_up(registration, step.stuck, "the record is not stored")
        return await self._go_on(registration, secrets, await step.ask(registration, secrets), step.done)

    async def postpone(self, registration: Registration, failure: Failure, task: Task) -> None:
        """Nobody says: asked again later, until the country's patience ends; then its policy decides."""
        step = self.steps[task]
        then = await self._postpone.within(registration, failure, step.patience)
        if then is None:
            return None
        if then == "person":
            return await self._transitions.give_up(registration, step.stuck, failure.words)
        secrets = await self._lookups.secrets(registration.id)
        if then == "reject" and step.may_reject(registration, secrets):
            return await self._transitions.refuse_by(registration, step.no_word)
        # whose no rejects nothing does not by silence either
        told = await step.without(registration, secrets)
        return await self._go_on(registration, secrets, told, step.goes_on)

    async def _go_on(
        self, registration: Registration, secrets: Secrets, told: Prepared | NotPrepared, note: str
    ) -> None:
        if isinstance(told, NotPrepared):
            return await self._transitions.refuse_by(registration, told)
        changes: dict[str, Any] = {}
        if told.fields:
            changes = {"amendment": told.added_to(secrets.amendment)}
        return await self._transitions.prepared(registration, note, **changes)
