"""The end of the way: the acceptance or rejection in OpenCRVS, until it took effect; then the
acknowledgement.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.confirmation import CREDENTIAL, SETTLED, Judgement, Result, usable
from bridge.nid import NidDown, NidRefused
from bridge.outbox import Later
from bridge.reasons import in_words
from bridge.registration import Act, Registration, Secrets, Stuck, Task
from bridge.rows import SECRET

if TYPE_CHECKING:
    from bridge.flow import Flow

_CREDENTIAL_PATIENCE = timedelta(hours=1)


class Settlement:
    """Accepts, rejects, acknowledges; every result is stored through the flow."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._opencrvs, self._nid = flow.parts.opencrvs, flow.parts.nid
        self._settings, self._store, self._world, self._log = flow.settings, flow.store, flow.world, flow.log

    async def accept(self, registration: Registration, secrets: Secrets) -> None:
        """The acceptance, with number and national ID; done when OpenCRVS shows it."""
        if self._flow.needs_national_id(registration) and not secrets.national_id:
            return await self._flow.give_up(
                registration, Stuck.CREDENTIAL_MISSING, "no national ID is stored"
            )
        if registration.action_type == "APPROVE_CORRECTION" and registration.request_id is None:
            # the mediator's API does not name the request: the record does
            request_id = await self._opencrvs.request_id(registration, secrets.token)
            registration = replace(registration, request_id=request_id)
        amended = self._flow.policy.amended(registration.event_type, secrets.national_id)
        transaction = _transaction(registration, "accept")
        judgement = await self._opencrvs.accept(registration, secrets.token, transaction, amended)
        await self._hand_in(registration, secrets, judgement)
        await self._settle(registration, judgement)
        return None

    async def reject(self, registration: Registration, secrets: Secrets) -> None:
        """The rejection of the action; then of the declaration, with words for the registrar."""
        further = self._settings.reject_declaration and secrets.token is not None
        if registration.step != "action-rejected":
            judgement = await self._opencrvs.reject(
                registration, secrets.token, _transaction(registration, "reject"), keep_assignment=further
            )
            await self._hand_in(registration, secrets, judgement)
            if judgement.result is not Result.REJECTED or not further:
                return await self._settle(registration, judgement)
            await self._store.touch(registration, "action rejected", release=False, step="action-rejected")
        note = await self._reject_declaration(registration, secrets)
        await self._settle(registration, Judgement(Result.REJECTED, note))
        return None

    async def _hand_in(self, registration: Registration, secrets: Secrets, judgement: Judgement) -> None:
        """2.1 confirms nothing that is assigned; a record from before the upgrade still is, to its
        registrar.
        """
        if judgement.result is Result.ASSIGNED:
            transaction = _transaction(registration, "unassign")
            await self._opencrvs.unassign(registration, secrets.token, transaction)

    async def _reject_declaration(self, registration: Registration, secrets: Secrets) -> str:
        words = registration.words or in_words(registration.reason)
        if registration.reason not in (None, "operator"):
            words = await self._better_words(registration) or words
        transaction = _transaction(registration, "declaration")
        judgement = await self._opencrvs.reject_declaration(registration, secrets.token, transaction, words)
        if judgement.result is Result.ACCEPTED:
            return "declaration rejected, with the reason"
        if judgement.result is Result.FAILED:
            if registration.attempts < 5:
                raise Later(f"declaration not rejected yet: {judgement.words}")
            self._log.warning("declaration not rejected", registration=registration.id, why=judgement.words)
        # the action is rejected all the same; the record must not stay with a registrar who does not know
        await self._opencrvs.unassign(registration, secrets.token, _transaction(registration, "unassign"))
        return f"declaration not rejected ({judgement.result.value})"

    async def _better_words(self, registration: Registration) -> str | None:
        """The ID system's sub-status says more than its event does, where we may ask for it."""
        try:
            code = await self._nid.why(registration.packet_id)
        except (NidDown, NidRefused):
            return None
        return in_words(code) if code is not None else None

    async def _settle(self, registration: Registration, judgement: Judgement) -> None:
        """What OpenCRVS's answer makes of the registration."""
        if judgement.result in SETTLED:
            accepted = judgement.result is Result.ACCEPTED
            act = Act.CONFIRM if accepted else Act.REJECT
            note = f"{judgement.result.value} in OpenCRVS{': ' + judgement.words if judgement.words else ''}"
            seen = registration.state
            if registration.acknowledge_id is not None and self._settings.acknowledge_topic:
                await self._flow.go_on(registration, act, note, Task.ACKNOWLEDGE, expected=seen, drop=SECRET)
            else:
                await self._flow.advance(registration, act, note, drop=SECRET)
            self._log.info(
                judgement.result.value, registration=registration.id, event_id=registration.event_id
            )
            return
        if judgement.result in CREDENTIAL:
            expired = judgement.result is Result.EXPIRED
            if expired and self._surprising(registration):
                raise Later(f"the credential was refused before its time: {judgement.words}")
            stuck = Stuck.TOKEN_EXPIRED if expired else Stuck.TOKEN_REFUSED
            await self._flow.give_up(registration, stuck, judgement.words)
        elif judgement.result is Result.UNKNOWN:
            await self._flow.give_up(registration, Stuck.RECORD_UNKNOWN, judgement.words)
        elif judgement.result is Result.INVALID:
            await self._flow.give_up(registration, Stuck.OPENCRVS_REFUSED, judgement.words)
        elif judgement.result is Result.UNCHANGED:
            # somebody else used our transaction id: take another one
            await self._store.touch(registration, release=False, step=f"again-{self._world.chance.digits(6)}")
            raise Later(judgement.words)
        else:
            raise Later(f"{judgement.result.value}: {judgement.words}")

    def _surprising(self, registration: Registration) -> bool:
        """Whether a refused credential should be good: a gateway's hiccup or a key roll-over mends itself."""
        now = self._world.clock.now()
        if not usable(registration.token_expires_at, now) and not self._opencrvs.can_outlive:
            return False
        since = registration.first_failed_at or now
        return now - since < _CREDENTIAL_PATIENCE

    async def acknowledge(self, registration: Registration) -> None:
        if registration.acknowledge_id is not None:
            await self._nid.acknowledge(registration.acknowledge_id, "STORED")
        await self._store.touch(registration, "credential acknowledged", task=None, due_at=None)


def _transaction(registration: Registration, what: str) -> str:
    """Steady per registration and purpose, so that a repetition cannot write a second row (contract §9.3)."""
    again = registration.step if registration.step and registration.step.startswith("again-") else ""
    return f"crvs-bridge-{what}-{registration.id}{again and '-' + again}"
