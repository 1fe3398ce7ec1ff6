"""The fee is paid before the action goes on: a payment that is pending is waited for."""

from __future__ import annotations

from typing import cast

from bridge.failure import Failure
from bridge.flow.outbox import Later
from bridge.flow.packets import Packets
from bridge.flow.postpone import Postpone
from bridge.flow.transitions import Transitions
from bridge.payments import Payment, Payments
from bridge.registration import Registration, Secrets, Stuck
from bridge.settings import Settings
from wire.foreign_json import read_json
from wire.opencrvs.documents import EventDocument


class Pay:
    """By the reference that the country's policy names."""

    def __init__(
        self,
        settings: Settings,
        payments: Payments,
        *,
        packets: Packets,
        postpone: Postpone,
        transitions: Transitions,
    ) -> None:
        self._policy, self._payments, self._packets = settings.policy, payments, packets
        self._postpone, self._transitions = postpone, transitions

    async def pay(self, registration: Registration, secrets: Secrets) -> None:
        """Use the payment (the outbox's PAY task); a repetition is the same use."""
        if secrets.document is None:
            return await self._transitions.give_up(registration, Stuck.NOT_PAID, "the record is not stored")
        event = cast(EventDocument, read_json(secrets.document))
        business = self._packets.again(event, registration)
        if business is None or business.payment is None:
            return await self._transitions.prepared(registration, "the country's policy asks for no fee now")
        stands = Payment.MISSING
        if business.payment:
            stands = await self._payments.use(business.payment, registration.event_id)
        if stands is Payment.PENDING:
            raise Later("the payment is pending")
        if stands is Payment.PAID:
            return await self._transitions.prepared(registration, "paid")
        words = self._policy.in_words(stands)
        return await self._transitions.refuse(registration, stands, f"not paid: {stands}", words=words)

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """Not paid yet, or nobody says: as long as the country is patient; then its policy decides."""
        then = await self._postpone.within(registration, failure, self._policy.rules.without_payment)
        if then == "person":
            await self._transitions.give_up(registration, Stuck.NOT_PAID, failure.words)
        elif then == "reject":
            words = self._policy.in_words(Payment.PENDING)
            note = "not paid in time: rejected by policy"
            await self._transitions.refuse(registration, Payment.PENDING, note, words=words)
        elif then == "accept":
            await self._transitions.prepared(registration, "not paid in time: goes on by policy")
