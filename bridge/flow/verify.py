"""People in the record are verified before the action goes on: each asked about once, every verdict kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import structlog

from bridge.advice import Stuck
from bridge.country.business import Business
from bridge.country.people import PersonAsked, PersonVerdict, Reason, asked_about, stands_in_the_way, verified
from bridge.country.rules import Patience
from bridge.flow.packets import Packets
from bridge.flow.prepare import Preparation
from bridge.flow.transitions import NotPrepared, Prepared
from bridge.nid import IdSystem, NidRefused
from bridge.registration import Registration, Secrets
from bridge.settings import Settings
from bridge.store.store import Store
from wire.foreign_json import read_json
from wire.opencrvs.documents import EventDocument


class Verify(Preparation):
    """Asks the ID system about people; what was said before is kept."""

    stuck, done = Stuck.NOT_VERIFIED, "people verified"
    goes_on = "no verdict in time: accepted by policy"

    def __init__(self, settings: Settings, store: Store, nid: IdSystem, packets: Packets) -> None:
        self._policy, self._store, self._nid, self._packets = settings.policy, store, nid, packets
        self._log = structlog.get_logger("bridge")

    @property
    def patience(self) -> Patience:
        return self._policy.rules.without_verdict

    @property
    def no_word(self) -> NotPrepared:
        words = self._policy.in_words(Reason.UNAVAILABLE)
        return NotPrepared(Reason.UNAVAILABLE, "no verdict in time: rejected by policy", words)

    def may_reject(self, registration: Registration, secrets: Secrets) -> bool:
        return stands_in_the_way(self._business(registration, secrets).verify)

    async def ask(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """Ask about those of whom nothing is known yet. NidDown; what was said before is kept."""
        business = self._business(registration, secrets)
        people = self._people(business)
        return self._told(business, people, await self._verdicts(registration, people))

    async def without(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """What comes of the verdicts that there are."""
        business = self._business(registration, secrets)
        return self._told(business, self._people(business), await self._known(registration))

    async def _verdicts(
        self, registration: Registration, people: list[PersonAsked]
    ) -> dict[str, PersonVerdict]:
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
        return known

    async def _known(self, registration: Registration) -> dict[str, PersonVerdict]:
        """Verdicts of this action, and the good ones of the record's earlier actions."""
        known: dict[str, PersonVerdict] = {}
        for each in await self._store.lookups.of_event(registration.event_id):
            kept = (await self._store.lookups.secrets(each.id, {"verdicts"})).verdicts
            found = {print: PersonVerdict(tuple(map(Reason, reasons))) for print, reasons in kept.items()}
            own = each.id == registration.id
            known |= {print: verdict for print, verdict in found.items() if own or verdict.verified}
        return known

    def _business(self, registration: Registration, secrets: Secrets) -> Business:
        """Whom the policy asks about now: nobody where it was changed meanwhile."""
        event = cast(EventDocument, read_json(secrets.document or b""))
        found = self._packets.again(event, registration)
        nobody = Business(None, registration.action_type, registration.action_id, {})
        return nobody if isinstance(found, str) else found

    def _people(self, business: Business) -> list[PersonAsked]:
        return asked_about(business.verify, business.declaration, self._policy.identification.names)

    def _told(
        self, business: Business, people: list[PersonAsked], known: Mapping[str, PersonVerdict]
    ) -> Prepared | NotPrepared:
        counts_for = self._policy.identification.deactivated_counts_for
        found = verified(business.verify, people, known, counts_for)
        if not found.refused:
            return Prepared(found.fields)
        told = ", ".join(f"{who} {reason}" for who, reason in found.refused)
        words = self._policy.refused_words(found.refused)
        return NotPrepared(found.refused[0][1], f"not verified: {told}", words)
