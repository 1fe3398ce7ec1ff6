"""THE WAY of a registration: on_trigger → submit → on_credential / on_workflow → confirm → settled.

Persist first, act second: the row before the packet, the delivery before the answer to the hub, the credential
before the confirmation; a token is dropped only after the confirmation took effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bridge.confirmation import CREDENTIAL, SETTLED, Judgement, Result, usable
from bridge.nid import NationalId, NidDown, NidRefused, Outcome, Standing
from bridge.opencrvs import OpenCRVS
from bridge.opening import Opener
from bridge.outbox import Later, Outbox
from bridge.reasons import in_words
from bridge.registration import Act, Registration, Secrets, State, Stuck, Task
from bridge.retry import Backoff
from bridge.settings import Settings
from bridge.store import Store
from wire.redaction import redact_text
from wire.world import World

_CREDENTIAL_PATIENCE = timedelta(hours=1)


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
        self.outbox = Outbox(parts.store, parts.world, parts.settings.concurrency, self)
        parts.store.on_due = self.outbox.wake
        settings = parts.settings
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
        match registration.task:
            case Task.SUBMIT:
                await self._submit(registration, secrets)
            case Task.CONFIRM if registration.state is State.ISSUED:
                await self._accept(registration, secrets)
            case Task.CONFIRM:
                await self._reject(registration, secrets)
            case Task.OPEN if self.open_stored is not None:
                await self.open_stored(registration, secrets)
            case Task.ASK:
                await self._ask(registration, secrets)
            case Task.ACKNOWLEDGE:
                await self._acknowledge(registration)
            case _:
                await self.poll([registration])

    async def _submit(self, registration: Registration, secrets: Secrets) -> None:
        """Packet created and processed; then wait for the answer."""
        if secrets.packet is None:
            return await self._give_up(registration, Stuck.NID_REFUSED_PACKET, "the packet is not stored")

        async def created() -> None:
            await self.store.touch(registration, "packet created", release=False, step="created")

        try:
            await self.parts.nid.submit(registration, secrets.packet, created)
        except NidRefused as refused:
            return await self._give_up(registration, Stuck.NID_REFUSED_PACKET, str(refused))
        now = self.world.clock.now()
        moved = await self._advance(
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
        """A synchronous question whose answer did not reach OpenCRVS: asked again, confirmed asynchronously."""
        if secrets.packet is None:
            return await self._give_up(registration, Stuck.NID_REFUSED_PACKET, "the packet is not stored")
        try:
            national_id = await self.parts.nid.register_now(registration, secrets.packet)
        except NidRefused as refused:
            return await self.refuse(registration, refused.code, f"ID system: {refused.code}")
        return await self.issue(registration, "the ID system said yes", national_id)

    def _first_poll(self) -> float:
        return min(self.settings.poll_after_seconds, self.settings.stalled_seconds)

    # -- confirmation -------------------------------------------------------------------------------

    async def _accept(self, registration: Registration, secrets: Secrets) -> None:
        """The acceptance, with number and national ID; done when OpenCRVS shows it."""
        if self.needs_national_id(registration) and not secrets.national_id:
            return await self._give_up(registration, Stuck.CREDENTIAL_MISSING, "no national ID is stored")
        if registration.action_type == "APPROVE_CORRECTION" and registration.request_id is None:
            # the mediator's API does not name the request: the record does
            request_id = await self.parts.opencrvs.request_id(registration, secrets.token)
            registration = replace(registration, request_id=request_id)
        amended = self.policy.amended(registration.event_type, secrets.national_id)
        transaction = _transaction(registration, "accept")
        judgement = await self.parts.opencrvs.accept(registration, secrets.token, transaction, amended)
        await self._hand_in(registration, secrets, judgement)
        await self._settle(registration, judgement)
        return None

    async def _reject(self, registration: Registration, secrets: Secrets) -> None:
        """The rejection of the action; then of the declaration, with words for the registrar."""
        further = self.settings.reject_declaration and secrets.token is not None
        if registration.step != "action-rejected":
            judgement = await self.parts.opencrvs.reject(
                registration, secrets.token, _transaction(registration, "reject"), keep_assignment=further
            )
            await self._hand_in(registration, secrets, judgement)
            if judgement.result is not Result.REJECTED or not further:
                return await self._settle(registration, judgement)
            await self.store.touch(registration, "action rejected", release=False, step="action-rejected")
        note = await self._reject_declaration(registration, secrets)
        await self._settle(registration, Judgement(Result.REJECTED, note))
        return None

    async def _hand_in(self, registration: Registration, secrets: Secrets, judgement: Judgement) -> None:
        """2.1 confirms nothing that is assigned; a record from before the upgrade still is, to its registrar."""
        if judgement.result is Result.ASSIGNED:
            transaction = _transaction(registration, "unassign")
            await self.parts.opencrvs.unassign(registration, secrets.token, transaction)

    async def _reject_declaration(self, registration: Registration, secrets: Secrets) -> str:
        words = registration.words or in_words(registration.reason)
        if registration.reason not in (None, "operator"):
            words = await self._better_words(registration) or words
        opencrvs, transaction = self.parts.opencrvs, _transaction(registration, "declaration")
        judgement = await opencrvs.reject_declaration(registration, secrets.token, transaction, words)
        if judgement.result is Result.ACCEPTED:
            return "declaration rejected, with the reason"
        if judgement.result is Result.FAILED:
            if registration.attempts < 5:
                raise Later(f"declaration not rejected yet: {judgement.words}")
            self.log.warning("declaration not rejected", registration=registration.id, why=judgement.words)
        # the action is rejected all the same; the record must not stay with a registrar who does not know
        await opencrvs.unassign(registration, secrets.token, _transaction(registration, "unassign"))
        return f"declaration not rejected ({judgement.result.value})"

    async def _better_words(self, registration: Registration) -> str | None:
        """The ID system's sub-status says more than its event does, where we may ask for it."""
        try:
            code = await self.parts.nid.why(registration.packet_id)
        except (NidDown, NidRefused):
            return None
        return in_words(code) if code is not None else None

    async def _settle(self, registration: Registration, judgement: Judgement) -> None:
        """What OpenCRVS's answer makes of the registration."""
        if judgement.result in SETTLED:
            accepted = judgement.result is Result.ACCEPTED
            act = Act.CONFIRM if accepted else Act.REJECT
            note = f"{judgement.result.value} in OpenCRVS{': ' + judgement.words if judgement.words else ''}"
            acknowledge = registration.acknowledge_id is not None and bool(self.settings.acknowledge_topic)
            await self._advance(
                registration,
                act,
                note,
                drop=("token", "packet", "national_id", "delivery"),
                task=Task.ACKNOWLEDGE if acknowledge else None,
                due_at=self.world.clock.now() if acknowledge else None,
            )
            self.log.info(
                judgement.result.value, registration=registration.id, event_id=registration.event_id
            )
            return
        if judgement.result in CREDENTIAL:
            expired = judgement.result is Result.EXPIRED
            if expired and self._surprising(registration):
                raise Later(f"the credential was refused before its time: {judgement.words}")
            stuck = Stuck.TOKEN_EXPIRED if expired else Stuck.TOKEN_REFUSED
            await self._give_up(registration, stuck, judgement.words)
        elif judgement.result is Result.UNKNOWN:
            await self._give_up(registration, Stuck.RECORD_UNKNOWN, judgement.words)
        elif judgement.result is Result.INVALID:
            await self._give_up(registration, Stuck.OPENCRVS_REFUSED, judgement.words)
        elif judgement.result is Result.UNCHANGED:
            # somebody else used our transaction id: take another one
            await self.store.touch(registration, release=False, step=f"again-{self.world.chance.digits(6)}")
            raise Later(judgement.words)
        else:
            raise Later(f"{judgement.result.value}: {judgement.words}")

    def _surprising(self, registration: Registration) -> bool:
        """Whether a refused credential should be good: a gateway's hiccup or a key roll-over mends itself."""
        now = self.world.clock.now()
        if not usable(registration.token_expires_at, now) and not self.parts.opencrvs.can_outlive:
            return False
        since = registration.first_failed_at or now
        return now - since < _CREDENTIAL_PATIENCE

    async def _acknowledge(self, registration: Registration) -> None:
        if registration.acknowledge_id is not None:
            await self.parts.nid.acknowledge(registration.acknowledge_id, "STORED")
        await self.store.touch(registration, "credential acknowledged", task=None, due_at=None)

    # -- status -------------------------------------------------------------------------------------

    async def poll(self, registrations: Sequence[Registration]) -> None:
        """Ask for packets without an answer; what the hub lost is found here."""
        standings: dict[str, Standing] = {}
        if self.settings.status_url:
            try:
                standings = await self.parts.nid.standings([r.packet_id for r in registrations])
            except NidRefused as refused:
                self.log.warning("status cannot be asked", why=str(refused))
        for registration in registrations:
            standing = standings.get(registration.packet_id, Standing(Outcome.WAITING, ""))
            await self.stand(registration, standing.outcome, standing.code or "no answer")

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
            # the credential is on its way; ask again when it should have come
            due = self.world.clock.now() + timedelta(seconds=self.settings.grace_seconds)
            await self.store.touch(
                registration, "processed, credential awaited", step="processed", due_at=due
            )
            return None
        national_id = await self.parts.nid.recover(registration.packet_id)
        if national_id is None:
            return await self._give_up(
                registration, Stuck.CREDENTIAL_MISSING, "processed without a credential"
            )
        self.log.info("national ID fetched", registration=registration.id)
        return await self.issue(registration, "national ID fetched from the ID system", national_id)

    async def _wait_on(self, registration: Registration, words: str) -> None:
        now = self.world.clock.now()
        since = registration.submitted_at or registration.received_at
        left = self.settings.stalled_seconds - (now - since).total_seconds()
        if left <= 0:
            return await self._give_up(registration, Stuck.NID_SILENT, words)
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
        lease = self.outbox.reserve(Task.CONFIRM)
        try:
            moved = await self.store.move(
                registration.id,
                act,
                note,
                task=Task.CONFIRM,
                due_at=self.world.clock.now(),
                lease=lease,
                **changes,
            )
            secrets = await self.store.secrets(registration.id) if lease is not None else Secrets()
        except BaseException:
            if lease is not None:
                self.outbox.release(Task.CONFIRM)
            raise
        self.log.info(moved.state.value.lower(), registration=moved.id, packet=moved.packet_id, note=note)
        if lease is not None:
            self.outbox.begin(moved, secrets)

    async def _advance(self, registration: Registration, act: Act, note: str, **changes: Any) -> Registration:
        return await self.store.move(registration.id, act, note, expected=registration.state, **changes)

    async def _give_up(self, registration: Registration, reason: Stuck, words: str) -> None:
        words = redact_text(words)[:300]
        await self._advance(
            registration,
            Act.GIVE_UP,
            f"stuck: {reason.value}",
            reason=reason.value,
            last_error=words,
            attempts=registration.attempts,
            step=registration.step,
        )
        self.log.warning("stuck", registration=registration.id, reason=reason.value, why=words)

    async def postpone(self, registration: Registration, words: str) -> None:
        """A failed attempt: due again by the back-off, or stuck after `give_up_seconds`."""
        words = redact_text(words)[:300]
        if registration.task is Task.POLL:
            return await self._wait_on(registration, words)
        now = self.world.clock.now()
        attempts = registration.attempts + 1
        since = registration.first_failed_at or now
        if self._backoff.given_up(since, now):
            if registration.final:
                await self.store.touch(registration, f"not acknowledged: {words}", task=None, due_at=None)
                return None
            nid = registration.task in (Task.ASK, Task.SUBMIT, Task.OPEN)
            return await self._give_up(
                registration, Stuck.NID_UNREACHABLE if nid else Stuck.OPENCRVS_UNREACHABLE, words
            )
        wait = self._backoff.wait(attempts, self.world.chance.random())
        due = now + timedelta(seconds=wait)
        await self.store.touch(
            registration, attempts=attempts, first_failed_at=since, last_error=words, due_at=due
        )
        self.log.info(
            "again later", registration=registration.id, task=registration.task, attempts=attempts, why=words
        )
        return None

    def needs_national_id(self, registration: Registration) -> bool:
        """Whether it may not be confirmed without a national ID."""
        return registration.brings_national_id and self.policy.needs_national_id(registration.event_type)


def _transaction(registration: Registration, what: str) -> str:
    """Steady per registration and purpose, so that a repetition cannot write a second row (contract §9.3)."""
    again = registration.step if registration.step and registration.step.startswith("again-") else ""
    return f"crvs-bridge-{what}-{registration.id}{again and '-' + again}"
