"""People in the record are verified before the action goes on: each asked about once, every verdict kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import structlog

from bridge.country.business import Business
from bridge.country.people import PersonAsked, PersonVerdict, Reason, Verified, asked_about, verified
from bridge.failure import Failed, Failure, FailureKind
from bridge.flow.ask import Ask, TriggerReply
from bridge.flow.packets import Packets
from bridge.flow.postpone import Postpone
from bridge.flow.record import Record
from bridge.flow.transitions import Transitions
from bridge.nid import Done, IdSystem, NidRefused
from bridge.registration import Amendment, Registration, Secrets, Stuck
from bridge.settings import Settings
from bridge.store.store import Store
from wire.foreign_json import read_json
from wire.opencrvs.documents import EventDocument
from wire.world import World

_SAID = "people verified"


class Verify:
    """Asks the ID system about people, and goes on with what it says, or without it when its time is over."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        store: Store,
        nid: IdSystem,
        *,
        packets: Packets,
        record: Record,
        ask: Ask,
        postpone: Postpone,
        transitions: Transitions,
    ) -> None:
        self._seconds, self._policy, self._world = settings.sync_seconds, settings.policy, world
        self._store, self._nid, self._packets = store, nid, packets
        self._record, self._ask, self._postpone = record, ask, postpone
        self._transitions = transitions
        self._log = structlog.get_logger("bridge")

    async def now(self, new: Registration, secrets: Secrets, *, refuses: bool) -> TriggerReply:
        """The answer while OpenCRVS waits: 200 when all are verified, else 202, for words take the other way;
        `refuses`: a no is answered 400, since this action can be rejected at once alone.
        """
        registration, is_new = await self._record.add(new, secrets, "received, people are verified")
        if not is_new:
            return await self._ask.repeated(registration, secrets.token)
        try:
            async with self._world.clock.timeout(self._seconds):
                found = await self._verdicts(registration, secrets)
        except Failed as failed:
            await self.postpone(registration, failed.failure)
            return TriggerReply(202, {}, registration)
        except TimeoutError:
            await self.postpone(registration, Failure(FailureKind.TRANSIENT, "no verdict in time"))
            return TriggerReply(202, {}, registration)
        if found.refused:
            told = await self._ask.no(registration, *self._no(found))
            return told if refuses else replace(told, status=202, body={}, rejects=True)
        amended = replace(secrets, amendment=_with(secrets.amendment, found.fields))
        return await self._ask.yes(registration, Done(_SAID), amended)

    async def verify(self, registration: Registration, secrets: Secrets) -> None:
        """The outbox's VERIFY task."""
        if secrets.document is None:
            return await self._transitions.give_up(
                registration, Stuck.NOT_VERIFIED, "the record is not stored"
            )
        found = await self._verdicts(registration, secrets)
        if found.refused:
            return await self._refuse(registration, found)
        return await self._go_on(registration, secrets, found)

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """No verdict: asked again later, until the country's patience ends; then its policy decides."""
        then = await self._postpone.within(registration, failure, self._policy.rules.without_verdict)
        if then == "person":
            await self._transitions.give_up(registration, Stuck.NOT_VERIFIED, failure.words)
        elif then == "reject":
            words = self._policy.in_words(Reason.UNAVAILABLE)
            note = "no verdict in time: rejected by policy"
            await self._transitions.refuse(registration, Reason.UNAVAILABLE, note, words=words)
        elif then == "accept":
            await self._without_verdicts(registration)

    async def _without_verdicts(self, registration: Registration) -> None:
        secrets = await self._store.secrets(registration.id)
        business = self._business(registration, secrets)
        found = self._found(business, self._people(business), await self._known(registration))
        if found.refused:
            return await self._refuse(registration, found)
        return await self._go_on(registration, secrets, found, "no verdict in time: accepted by policy")

    async def _verdicts(self, registration: Registration, secrets: Secrets) -> Verified:
        """Ask about those of whom nothing is known yet. NidDown; what was said before is kept."""
        business = self._business(registration, secrets)
        people = self._people(business)
        known = await self._known(registration)
        for person in people:
            if person.print in known:
                continue
            try:
                known[person.print] = await self._nid.verify(person)
            except NidRefused as refused:  # it will not look at this question, now or later
                self._log.warning("not verified", registration=registration.id, why=str(refused))
                known[person.print] = PersonVerdict((Reason.UNKNOWN,))
            told = {print: list(verdict.reasons) for print, verdict in known.items()}
            words = " ".join(known[person.print].reasons) or "verified"
            await self._store.touch(registration, f"{person.who}: {words}", release=False, verdicts=told)
        return self._found(business, people, known)

    async def _known(self, registration: Registration) -> dict[str, PersonVerdict]:
        """Verdicts of this action, and the good ones of the record's earlier actions."""
        known: dict[str, PersonVerdict] = {}
        for each in await self._store.of_event(registration.event_id):
            kept = (await self._store.secrets(each.id, {"verdicts"})).verdicts
            found = {print: PersonVerdict(tuple(map(Reason, reasons))) for print, reasons in kept.items()}
            own = each.id == registration.id
            known |= {print: verdict for print, verdict in found.items() if own or verdict.verified}
        return known

    def _business(self, registration: Registration, secrets: Secrets) -> Business:
        """Whom the policy asks about now: nobody where it was changed meanwhile."""
        event = cast(EventDocument, read_json(secrets.document or b""))
        nobody = Business(None, registration.action_type, registration.action_id, {})
        return self._packets.again(event, registration) or nobody

    def _people(self, business: Business) -> list[PersonAsked]:
        return asked_about(business.verify, business.declaration, self._policy.identification.names)

    def _found(
        self, business: Business, people: list[PersonAsked], known: Mapping[str, PersonVerdict]
    ) -> Verified:
        return verified(business.verify, people, known, self._policy.identification.deactivated_counts_for)

    async def _refuse(self, registration: Registration, found: Verified) -> None:
        code, note, words = self._no(found)
        await self._transitions.refuse(registration, code, note, words=words)

    def _no(self, found: Verified) -> tuple[str, str, str]:
        told = ", ".join(f"{who} {reason}" for who, reason in found.refused)
        return found.refused[0][1], f"not verified: {told}", self._policy.refused_words(found.refused)

    async def _go_on(
        self, registration: Registration, secrets: Secrets, found: Verified, note: str = _SAID
    ) -> None:
        amendment = _with(secrets.amendment, found.fields)
        await self._transitions.prepared(registration, note, amendment=amendment)


def _with(amendment: Amendment, fields: Mapping[str, Any]) -> Amendment:
    return replace(amendment, declaration={**amendment.declaration, **fields})
