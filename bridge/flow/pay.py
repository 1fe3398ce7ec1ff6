"""The fee is paid before the action goes on: a payment that is pending is waited for."""

from __future__ import annotations

from typing import cast

from bridge.failure import Failure
from bridge.flow.outbox import Later
from bridge.flow.packets import Packets
from bridge.flow.postpone import Postpone
from bridge.flow.transitions import NotPrepared, Prepared, Transitions
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
        told = await self.ask(registration, secrets)
        if isinstance(told, NotPrepared):
            return await self._transitions.refuse_by(registration, told)
        return await self._transitions.prepared(registration, "paid, or no fee is asked for now")

    async def ask(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """Use it now. Failed when it is pending, or nobody says; none is due where the policy was changed."""
        event = cast(EventDocument, read_json(secrets.document or b""))
        business = self._packets.again(event, registration)
        if business is None or business.payment is None:
            return Prepared()
        stands = Payment.MISSING
        if business.payment:
            stands = await self._payments.use(business.payment, registration.event_id)
        if stands is Payment.PENDING:
            raise Later("the payment is pending")
        if stands is Payment.PAID:
            return Prepared()
        return NotPrepared(stands, f"not paid: {stands}", self._policy.in_words(stands))

    async def without(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """The action goes on unpaid."""
        return Prepared()

    @property
    def no_word(self) -> NotPrepared:
        words = self._policy.in_words(Payment.PENDING)
        return NotPrepared(Payment.PENDING, "not paid in time: rejected by policy", words)

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """Not paid yet, or nobody says: as long as the country is patient; then its policy decides."""
        then = await self._postpone.within(registration, failure, self._policy.rules.without_payment)
        if then == "person":
            await self._transitions.give_up(registration, Stuck.NOT_PAID, failure.words)
        elif then == "reject":
            await self._transitions.refuse_by(registration, self.no_word)
        elif then == "accept":
            await self._transitions.prepared(registration, "not paid in time: goes on by policy")
