"""THE WAY of a registration: on_trigger → submit → on_credential / on_workflow → confirm → settled.

Persist first, act second: the row before the packet, the delivery before the answer to the hub, the
credential
before the confirmation; a token is dropped only after the confirmation took effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from bridge.country.reasons import in_words
from bridge.failure import Failure, Kind
from bridge.flow.channels import PROBE_SECONDS
from bridge.flow.confirm import Settlement
from bridge.flow.outbox import Outbox, channel_of
from bridge.flow.retry import Backoff
from bridge.mosip.credential import Opener
from bridge.nid import NationalId, NidRefused, Outcome, Standing
from bridge.opencrvs.client import OpenCRVS
from bridge.registration import NEEDS, Act, NotAllowed, Registration, Secrets, State, Stuck, Task
from bridge.settings import Settings
from bridge.store.store import Store
from wire.redaction import redact_text
from wire.world import World

_OWN_ATTEMPTS, _OWN_AFTER = 5, timedelta(minutes=10)


@dataclass(frozen=True)
class Parts:
    """What the flow puts in order."""

    settings: Settings
    world: World
    store: Store
    nid: NationalId
    opencrvs: OpenCRVS
    opener: Opener


class Flow:
    """Does the work that is due; see the outbox for when."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.settings, self.world, self.store = parts.settings, parts.world, parts.store
        self.policy = parts.settings.policy
        self.log = structlog.get_logger("bridge")
        self.open_stored: Callable[[Registration, Secrets], Awaitable[None]] | None = None
        self.on_untold: Callable[[], None] = lambda: None
        settings = parts.settings
        self.outbox = Outbox(parts.store, parts.world, settings.concurrency, self, settings.lease_seconds)
        parts.store.on_due = self.outbox.on_due
        self.settlement = Settlement(self)
        self._backoff = Backoff(
            first=settings.retry_first_seconds,
            longest=settings.retry_longest_seconds,
            give_up_after=settings.give_up_seconds,
        )
        self._poll_backoff = Backoff(
            first=settings.poll_after_seconds,
            longest=settings.poll_longest_seconds,
            give_up_after=float("inf"),
        )

    # -- work ---------------------------------------------------------------------------------------

    async def work(self, registration: Registration, secrets: Secrets) -> None:
        if secrets.unreadable is not None and not registration.final:
            return await self.give_up(registration, Stuck.SECRETS_UNREADABLE, secrets.unreadable)
        match registration.task:
            case Task.SUBMIT:
                await self._submit(registration, secrets)
            case Task.CONFIRM if registration.state is State.ISSUED:
                await self.settlement.accept(registration, secrets)
            case Task.CONFIRM:
                await self.settlement.reject(registration, secrets)
            case Task.OPEN if self.open_stored is not None:
                await self.open_stored(registration, secrets)
            case Task.ASK:
                await self._ask(registration, secrets)
            case Task.ACKNOWLEDGE:
                await self.settlement.acknowledge(registration)
            case _:
                await self.poll([registration])
        return None

    async def _submit(self, registration: Registration, secrets: Secrets) -> None:
        """Packet created and processed; then wait for the answer."""
        if secrets.packet is None:
            return await self.give_up(registration, Stuck.NID_REFUSED_PACKET, "the packet is not stored")

        async def created() -> None:
            await self.store.touch(registration, "packet created", release=False, step="created")

        try:
            await self.parts.nid.submit(registration, secrets.packet, created)
        except NidRefused as refused:
            return await self.give_up(registration, Stuck.NID_REFUSED_PACKET, str(refused))
        now = self.world.clock.now()
        moved = await self.advance(
            registration,
            Act.SUBMIT,
            "packet taken by the ID system",
            task=Task.POLL,
            due_at=now + timedelta(seconds=self._first_poll()),
            submitted_at=now,
        )
        self.log.info("submitted", registration=registration.id, packet=registration.packet_id)
        if moved.kept:  # its credential came while we were still submitting
            await self.store.touch(moved, task=Task.OPEN, due_at=now)
        return None

    async def _ask(self, registration: Registration, secrets: Secrets) -> None:
        """A synchronous question whose answer did not reach OpenCRVS: asked again, confirmed
        asynchronously.
        """
        if secrets.packet is None:
            return await self.give_up(registration, Stuck.NID_REFUSED_PACKET, "the packet is not stored")
        try:
            national_id = await self.parts.nid.register_now(registration, secrets.packet)
        except NidRefused as refused:
            return await self.refuse(registration, refused.code, f"ID system: {refused.code}")
        return await self.issue(registration, "the ID system said yes", national_id)

    def _first_poll(self) -> float:
        return min(self.settings.poll_after_seconds, self.settings.stalled_seconds)

    # -- status -------------------------------------------------------------------------------------

    async def poll(self, registrations: Sequence[Registration]) -> None:
        """Ask for packets without an answer; what the hub lost is found here."""
        standings: dict[str, Standing] = {}
        if self.settings.status_url:
            standings = await self.parts.nid.standings([r.packet_id for r in registrations])
        for registration in registrations:
            standing = standings.get(registration.packet_id, Standing(Outcome.WAITING, ""))
            with bound_contextvars(**registration.names):
                try:
                    await self.stand(registration, standing.outcome, standing.code or "no answer")
                except NotAllowed as late:  # answered while we asked; the others of the batch go on
                    self.log.info("overtaken", why=str(late))

    async def stand(self, registration: Registration, outcome: Outcome, code: str) -> None:
        """What an outcome (polled, or told by a workflow event) makes of a waiting registration."""
        if outcome in (Outcome.REJECTED, Outcome.FAILED):
            told = "PACKET_REJECTED" if outcome is Outcome.REJECTED else "PACKET_FAILED"
            await self.refuse(registration, told, f"ID system: {code}")
        elif outcome is Outcome.DONE:
            await self._done(registration)
        else:
            await self._wait_on(registration, f"ID system: {code}")

    async def _done(self, registration: Registration) -> None:
        if not self.needs_national_id(registration):
            return await self.issue(registration, "the ID system is done", None)
        if registration.step != "processed":
            return await self.credential_awaited(registration)
        national_id = await self.parts.nid.recover(registration.packet_id)
        if national_id is None:
            return await self.give_up(
                registration, Stuck.CREDENTIAL_MISSING, "processed without a credential"
            )
        self.log.info("national ID fetched", registration=registration.id)
        return await self.issue(registration, "national ID fetched from the ID system", national_id)

    async def credential_awaited(self, registration: Registration) -> None:
        """Its credential is on its way: ask again when it should have come."""
        due = self.world.clock.now() + timedelta(seconds=self.settings.grace_seconds)
        await self.store.touch(registration, "processed, credential awaited", step="processed", due_at=due)

    async def _wait_on(self, registration: Registration, words: str) -> None:
        now = self.world.clock.now()
        since = registration.submitted_at or registration.received_at
        left = self.settings.stalled_seconds - (now - since).total_seconds()
        if left <= 0:
            return await self.give_up(registration, Stuck.NID_SILENT, words)
        wait = self._poll_backoff.wait(registration.attempts + 2, self.world.chance.random())
        due = now + timedelta(seconds=min(wait, left))
        await self.store.touch(registration, due_at=due, attempts=registration.attempts + 1, last_error=words)
        return None

    # -- transitions --------------------------------------------------------------------------------

    async def issue(
        self,
        registration: Registration,
        note: str,
        national_id: str | None,
        *,
        delivery: tuple[str, str] | None = None,
        acknowledge_id: str | None = None,
    ) -> None:
        """The ID system's yes, stored; the confirmation begins at once when there is room."""
        await self._confirm_next(
            registration,
            Act.ISSUE,
            note,
            secrets=Secrets(national_id=national_id),
            delivery=delivery,
            acknowledge_id=acknowledge_id,
        )

    async def refuse(
        self,
        registration: Registration,
        code: str,
        note: str,
        *,
        words: str | None = None,
        delivery: tuple[str, str] | None = None,
    ) -> None:
        """The ID system's (or an operator's) no, stored."""
        said = words or in_words(code)
        await self._confirm_next(registration, Act.REFUSE, note, reason=code, words=said, delivery=delivery)

    async def _confirm_next(self, registration: Registration, act: Act, note: str, **changes: Any) -> None:
        moved = await self.go_on(registration, act, note, Task.CONFIRM, **changes)
        self.log.info(moved.state.value.lower(), registration=moved.id, packet=moved.packet_id, note=note)

    async def go_on(
        self, registration: Registration, act: Act, note: str, task: Task, **changes: Any
    ) -> Registration:
        """A transition whose next task begins at once when there is room; else the outbox finds it."""
        lease = self.outbox.reserve(task)
        now = self.world.clock.now()
        try:
            moved = await self.store.move(
                registration.id, act, note, task=task, due_at=now, lease=lease, **changes
            )
            secrets = await self.store.secrets(moved.id, NEEDS[task] if lease is not None else ())
        except BaseException:
            if lease is not None:
                self.outbox.release(task)
            raise
        if lease is not None:
            self.outbox.begin(moved, secrets)
        return moved

    async def advance(self, registration: Registration, act: Act, note: str, **changes: Any) -> Registration:
        return await self.store.move(registration.id, act, note, expected=registration.state, **changes)

    def untold(self, registration: Registration) -> None:
        """A rejection took effect and its reason is nowhere in OpenCRVS: told here, listed, and counted."""
        self.log.warning(
            "the registrar does not see the reason",
            registration=registration.id,
            reason=registration.reason,
            words=registration.words,
        )
        self.on_untold()

    async def give_up(self, registration: Registration, reason: Stuck, words: str) -> None:
        words = redact_text(words)[:300]
        await self.advance(
            registration,
            Act.GIVE_UP,
            f"stuck: {reason.value}",
            reason=reason.value,
            last_error=words,
            attempts=registration.attempts,
            step=registration.step,
        )
        self.log.warning("stuck", registration=registration.id, reason=reason.value, why=words)

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """A failed attempt: due again by the back-off (or when the other side said), or stuck after
        `give_up_seconds`. A fault of the channel uses up no patience.
        """
        words = redact_text(failure.words)[:300]
        if registration.task is Task.POLL:
            return await self._wait_on(registration, words)
        now = self.world.clock.now()
        channel = failure.kind is Kind.CHANNEL and not registration.final
        goes_on = registration.first_failed_at is not None and channel is (registration.held is not None)
        since = registration.first_failed_at if goes_on and registration.first_failed_at else now
        attempts = registration.attempts + 1
        if self._its_own(registration, since, now) if channel else self._backoff.given_up(since, now):
            if registration.final:
                await self.store.touch(registration, f"not acknowledged: {words}", task=None, due_at=None)
                return None
            return await self.give_up(registration, _stuck(registration, channel=channel), words)
        wait = self._backoff.wait(attempts, self.world.chance.random())
        if channel and self.outbox.channels.probes(channel_of(registration)):
            wait = min(wait, PROBE_SECONDS)
        due = now + timedelta(seconds=max(wait, failure.wait or 0.0))
        await self.store.touch(
            registration,
            attempts=attempts,
            first_failed_at=since,
            last_error=words,
            due_at=due,
            held=failure.code if channel else None,
        )
        self.log.info(
            "again later", registration=registration.id, task=registration.task, attempts=attempts, why=words
        )
        return None

    def _its_own(self, registration: Registration, since: datetime, now: datetime) -> bool:
        """Whether what looks like a fault of the channel is one of this record: others get through, and it
        does not, again and again.
        """
        others = self.outbox.channels.worked_since(channel_of(registration), since)
        return others and registration.attempts >= _OWN_ATTEMPTS and now - since >= _OWN_AFTER

    def needs_national_id(self, registration: Registration) -> bool:
        """Whether it may not be confirmed without a national ID."""
        return registration.brings_national_id and self.policy.needs_national_id(registration.event_type)


def _stuck(registration: Registration, *, channel: bool) -> Stuck:
    """Why a person is needed for what could not be done."""
    if registration.task in (Task.ASK, Task.SUBMIT, Task.OPEN):
        return Stuck.NID_REFUSED_PACKET if channel else Stuck.NID_UNREACHABLE
    return Stuck.TOKEN_REFUSED if channel else Stuck.OPENCRVS_UNREACHABLE
