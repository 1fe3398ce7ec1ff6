"""The end of the way: the acceptance or rejection in OpenCRVS, until it took effect; then the
acknowledgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import structlog

from bridge.advice import Stuck
from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.flow.attempts import Later
from bridge.flow.reply import ANSWERED
from bridge.flow.transitions import Transitions
from bridge.nid import IdSystem, NidDown, NidRefused
from bridge.opencrvs.client import OpenCRVS, own_input
from bridge.opencrvs.confirmation import (
    CREDENTIAL,
    PROVES_NOTHING,
    SETTLED,
    Confirmation,
    ConfirmationResult,
    usable,
)
from bridge.registration import UNTOLD, Act, Registration, Secrets, State, Task
from bridge.settings import Settings
from bridge.store.rows import DROPPED
from bridge.store.store import Store
from wire.foreign_json import read_json
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import World

_PATIENCE = timedelta(hours=1)
_UNTAKEN_TRIES = 2
_OF_A_DECLARATION = ("REGISTER", "VALIDATE")
"""Rejected, a declaration is left that can be rejected: before, there is none, and later it is registered."""
_HOPELESS = {
    ConfirmationResult.UNKNOWN: Stuck.RECORD_UNKNOWN,
    ConfirmationResult.INVALID: Stuck.OPENCRVS_REFUSED,
    ConfirmationResult.NUMBER_TAKEN: Stuck.NUMBER_TAKEN,
}


class Confirm:
    """Accepts, rejects, acknowledges; every result is stored."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        store: Store,
        nid: IdSystem,
        opencrvs: OpenCRVS,
        transitions: Transitions,
    ) -> None:
        self._settings, self._policy, self._world, self._store = settings, settings.policy, world, store
        self._nid, self._opencrvs, self._transitions = nid, opencrvs, transitions
        self._profile = Profile(settings.profile)
        self._log = structlog.get_logger("bridge")

    async def confirm(self, registration: Registration, secrets: Secrets) -> None:
        """The outbox's CONFIRM task."""
        if registration.state is State.ISSUED:
            return await self.accept(registration, secrets)
        return await self.reject(registration, secrets)

    async def accept(self, registration: Registration, secrets: Secrets) -> None:
        """The acceptance, with number and national ID; done when OpenCRVS shows it."""
        if self._policy.awaits_national_id(registration) and not secrets.national_id:
            return await self._transitions.give_up(
                registration, Stuck.CREDENTIAL_MISSING, "no national ID is stored"
            )
        if registration.step == ANSWERED:
            seen = await self._opencrvs.look(registration, secrets.token)
            if seen.result not in (ConfirmationResult.UNCHANGED, *CREDENTIAL):
                return await self._settle(registration, seen)
        amended = self._policy.amended(registration.event_type, secrets.national_id, secrets.amendment)
        lacking = await self._opencrvs.forms.lacking(registration, secrets.token, amended) if amended else []
        if lacking:
            words = f"the form of {registration.event_type} has no field {', '.join(lacking)}"
            raise _waiting(Stuck.FORM_LACKS_FIELD, words)
        judgement = await self._opencrvs.accept(
            registration,
            secrets.token,
            _transaction(registration, "accept"),
            amended,
            secrets.amendment.annotation,
            own=await self._own_input(registration, secrets),
            look=lacking is None or registration.attempts > 0,
        )
        await self._hand_in(registration, secrets, judgement)
        await self._settle(registration, judgement)
        return None

    async def _own_input(self, registration: Registration, secrets: Secrets) -> Mapping[str, Any]:
        """What the acceptance repeats of the action: the mediator's API does not say it, the record does."""
        if registration.request_id is not None:
            return {"requestId": registration.request_id}
        if secrets.document is not None:
            return own_input(cast(EventDocument, read_json(secrets.document)), registration.action_id)
        if registration.action_type == "APPROVE_CORRECTION":
            return await self._opencrvs.own_input(registration, secrets.token)
        return {}

    async def reject(self, registration: Registration, secrets: Secrets) -> None:
        """The rejection of the action; then of the declaration, with words for the registrar."""
        further = (
            self._settings.reject_declaration
            and secrets.token is not None
            and registration.action_type in _OF_A_DECLARATION
        )
        if registration.step != "action-rejected":
            judgement = await self._opencrvs.reject(
                registration, secrets.token, _transaction(registration, "reject"), keep_assignment=further
            )
            await self._hand_in(registration, secrets, judgement)
            if judgement.result is not ConfirmationResult.REJECTED or not further:
                return await self._settle(registration, judgement, told=not self._settings.reject_declaration)
            await self._store.touch(registration, "action rejected", release=False, step="action-rejected")
        words = registration.words or self._policy.in_words(registration.reason)
        # what was refused before the packet has its words already
        if not registration.ahead and registration.reason not in (None, "operator"):
            words = await self._better_words(registration) or words
        registration = replace(registration, words=words)
        note, told = await self._reject_declaration(registration, secrets, words)
        await self._settle(registration, Confirmation(ConfirmationResult.REJECTED, note), told=told)
        return None

    async def _hand_in(self, registration: Registration, secrets: Secrets, judgement: Confirmation) -> None:
        """2.1 confirms nothing that is assigned; a record from before the upgrade still is, to its
        registrar.
        """
        if judgement.result is ConfirmationResult.ASSIGNED:
            transaction = _transaction(registration, "unassign")
            await self._opencrvs.unassign(registration, secrets.token, transaction)

    async def _reject_declaration(
        self, registration: Registration, secrets: Secrets, words: str
    ) -> tuple[str, bool]:
        """A note for the history, and whether the registrar can read the reason."""
        transaction = _transaction(registration, "declaration")
        judgement = await self._opencrvs.reject_declaration(registration, secrets.token, transaction, words)
        assigning = _transaction(registration, "assign")
        if judgement.result is ConfirmationResult.ASSIGNED and await self._opencrvs.assign(
            registration, secrets.token, assigning
        ):
            # the registrar had given it back: in whose name it is rejected, has to hold it
            judgement = await self._opencrvs.reject_declaration(
                registration, secrets.token, transaction, words
            )
        if judgement.result is ConfirmationResult.ACCEPTED:
            return "declaration rejected, with the reason", True
        if judgement.result in PROVES_NOTHING:
            if registration.attempts < 5:
                words = f"declaration not rejected yet: {judgement.words}"
                raise Later(Failure(FailureKind.TRANSIENT, words, f"declaration {judgement.result.value}"))
            self._log.warning("declaration not rejected", registration=registration.id, why=judgement.words)
        # the action is rejected all the same; the record must not stay with a registrar who does not know
        await self._opencrvs.unassign(registration, secrets.token, _transaction(registration, "unassign"))
        return f"declaration not rejected ({judgement.result.value})", False

    async def _better_words(self, registration: Registration) -> str | None:
        """The ID system's sub-status says more than its event does, where we may ask for it."""
        try:
            code = await self._nid.why(registration.packet_id)
        except (NidDown, NidRefused):
            return None
        return self._policy.in_words(code) if code is not None else None

    async def _settle(
        self, registration: Registration, judgement: Confirmation, *, told: bool = True
    ) -> None:
        """What OpenCRVS's answer makes of the registration; `told`: the registrar can read why."""
        if judgement.result in SETTLED:
            return await self._done(registration, judgement, told=told)
        if judgement.result in CREDENTIAL:
            if judgement.result is ConfirmationResult.EXPIRED and not self._good(registration):
                return await self._transitions.give_up(registration, Stuck.TOKEN_EXPIRED, judgement.words)
            # a right, a secret or a key that somebody has to mend: it is the same for every record
            words = f"the credential is refused: {judgement.words}"
            raise Failed(Failure(FailureKind.CHANNEL, words, "opencrvs-credential", judgement.wait))
        if judgement.result is ConfirmationResult.UNREADABLE or (
            judgement.result is ConfirmationResult.BROKEN and self._lasting(registration)
        ):
            raise _waiting(Stuck.RECORD_UNREADABLE, judgement.words)
        if judgement.result is ConfirmationResult.UNCHANGED:
            # somebody else used our transaction id: take another one
            await self._store.touch(registration, release=False, step=f"again-{self._world.chance.digits(6)}")
        elif (stuck := self._hopeless(registration, judgement.result)) is not None:
            return await self._transitions.give_up(
                registration, stuck, self._explained(registration, judgement)
            )
        result = judgement.result.value
        raise Later(Failure(FailureKind.TRANSIENT, f"{result}: {judgement.words}", result))

    async def _done(self, registration: Registration, judgement: Confirmation, *, told: bool) -> None:
        accepted = judgement.result is ConfirmationResult.ACCEPTED
        act = Act.CONFIRM if accepted else Act.REJECT
        note = f"{judgement.result.value} in OpenCRVS{': ' + judgement.words if judgement.words else ''}"
        changes: dict[str, Any] = {"expected": registration.state, "drop": DROPPED}
        if untold := not accepted and not told:
            changes |= {
                "step": UNTOLD,
                "words": registration.words or self._policy.in_words(registration.reason),
            }
        if registration.acknowledge_id is not None:
            moved = await self._transitions.go_on(registration, act, note, Task.ACKNOWLEDGE, **changes)
        else:
            moved = await self._store.move(registration.id, act, note, **changes)
        self._log.info(judgement.result.value, registration=registration.id, event_id=registration.event_id)
        if untold:
            self._transitions.untold(moved)

    def _hopeless(self, registration: Registration, result: ConfirmationResult) -> Stuck | None:
        """The state for a person that the answer leads to; None while trying again may help."""
        match result:
            case ConfirmationResult.UNTAKEN if self._too_late(registration):
                return Stuck.CORRECTION_REJECTED
            case ConfirmationResult.UNTAKEN if registration.attempts >= _UNTAKEN_TRIES:
                return Stuck.OPENCRVS_REFUSED
            case _:
                return _HOPELESS.get(result)

    def _explained(self, registration: Registration, judgement: Confirmation) -> str:
        if judgement.result is not ConfirmationResult.UNTAKEN:
            return judgement.words
        if self._too_late(registration):
            words = registration.words or self._policy.in_words(registration.reason)
            return f"{words} OpenCRVS: {judgement.words}"
        words = f"{judgement.words}, and the record stands as before"
        if registration.state is State.ISSUED:
            words += f"; another record may have the number {registration.number}"
        return words

    def _too_late(self, registration: Registration) -> bool:
        """Whether it is a rejection that this OpenCRVS takes at once alone."""
        return registration.state is State.REFUSED and not self._profile.rejects_late(
            registration.action_type
        )

    def _good(self, registration: Registration) -> bool:
        """Whether a credential that was refused had not run out."""
        now = self._world.clock.now()
        return usable(registration.token_expires_at, now) or self._opencrvs.credentials.can_outlive

    def _lasting(self, registration: Registration) -> bool:
        now = self._world.clock.now()
        known = registration.held == Stuck.RECORD_UNREADABLE
        return known or now - (registration.first_failed_at or now) >= _PATIENCE

    async def acknowledge(self, registration: Registration, secrets: Secrets) -> None:
        if registration.acknowledge_id is not None:
            await self._nid.acknowledge(registration.acknowledge_id)
        await self._store.touch(registration, "credential acknowledged", task=None, due_at=None)


def _waiting(reason: Stuck, words: str) -> Later:
    """Every record of the form waits for the same: the field. They go on by themselves when it is there."""
    return Later(Failure(FailureKind.CHANNEL, words, reason.value))


def _transaction(registration: Registration, what: str) -> str:
    """Steady per registration and purpose, so that a repetition cannot write a second row (contract §9.3)."""
    again = registration.step if registration.step and registration.step.startswith("again-") else ""
    return f"crvs-bridge-{what}-{registration.id}{again and '-' + again}"
