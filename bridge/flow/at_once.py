"""What stands before an action's answer, asked while OpenCRVS waits: people are verified, a fee is paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.country.rules import Unanswered
from bridge.flow.ask import Ask
from bridge.flow.prepare import Preparation, Prepare
from bridge.flow.record import Record
from bridge.flow.reply import TriggerReply
from bridge.flow.transitions import NotPrepared, Prepared, Transitions
from bridge.nid import Done
from bridge.registration import Registration, Secrets
from bridge.settings import Settings
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces


class AtOnce:
    """Asks within the time of an answer, and stores what was said before OpenCRVS is told."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        record: Record,
        ask: Ask,
        transitions: Transitions,
        prepare: Prepare,
        traces: Traces | None,
    ) -> None:
        self._seconds, self._world, self._traces = settings.sync_seconds, world, traces
        self._record, self._ask, self._transitions, self._prepare = record, ask, transitions, prepare

    async def answer(
        self, new: Registration, secrets: Secrets, unanswered: Unanswered, *, rejects_late: bool
    ) -> TriggerReply:
        """200 with what people's verdicts write, or 202 where a packet follows. A no is told with words after
        a 202 where OpenCRVS takes it then (`rejects_late`), else it is 400.
        """
        registration, is_new = await self._record.add(new, secrets, "received, asked about at once")
        if not is_new:
            return await self._ask.repeated(registration, secrets.token)
        ends = self._world.clock.now() + timedelta(seconds=self._seconds)
        for task in registration.preparation:
            step, began = self._prepare.steps[task], self._world.clock.now()
            told = await self._asked(step, registration, secrets, ends)
            if self._traces is not None:
                self._traces.asked(replace(registration, task=task), began, told)
            if isinstance(told, Failure):
                if unanswered == "wait":
                    await self._prepare.postpone(registration, told, task)
                    return TriggerReply(202, {}, registration)
                told = step.no_word if unanswered == "reject" else await step.without(registration, secrets)
            if isinstance(told, NotPrepared):
                no = await self._ask.no(registration, told.code, told.note, told.words)
                return replace(no, status=202, body={}, rejects=True) if rejects_late else no
            secrets = replace(secrets, amendment=told.added_to(secrets.amendment))
        if not registration.makes_packet:
            return await self._ask.yes(registration, Done("asked at once"), secrets)
        done = len(registration.preparation)
        amendment = secrets.amendment
        await self._transitions.prepared(registration, "asked at once", done=done, amendment=amendment)
        return TriggerReply(202, {}, registration)

    async def _asked(
        self, step: Preparation, registration: Registration, secrets: Secrets, ends: datetime
    ) -> Prepared | NotPrepared | Failure:
        left = (ends - self._world.clock.now()).total_seconds()
        try:
            async with self._world.clock.timeout(min(self._seconds, max(0.0, left))):
                return await step.ask(registration, secrets)
        except Failed as failed:
            return failed.failure
        except TimeoutError:
            return Failure(FailureKind.TRANSIENT, "no answer in time")
