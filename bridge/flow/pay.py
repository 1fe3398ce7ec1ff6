"""The fee is paid before the action goes on: a payment that is pending is waited for."""

from __future__ import annotations

from typing import cast

from bridge.advice import Stuck
from bridge.country.rules import Patience
from bridge.flow.attempts import Later
from bridge.flow.packets import Packets
from bridge.flow.prepare import Preparation
from bridge.flow.transitions import NotPrepared, Prepared
from bridge.payments import Payment, Payments
from bridge.registration import Registration, Secrets
from bridge.settings import Settings
from wire.foreign_json import read_json
from wire.opencrvs.documents import EventDocument


class Pay(Preparation):
    """By the reference that the country's policy names; a repetition is the same use."""

    stuck, done = Stuck.NOT_PAID, "paid, or no fee is asked for now"
    goes_on = "not paid in time: goes on by policy"

    def __init__(self, settings: Settings, payments: Payments, packets: Packets) -> None:
        self._policy, self._payments, self._packets = settings.policy, payments, packets

    @property
    def patience(self) -> Patience:
        return self._policy.rules.without_payment

    @property
    def no_word(self) -> NotPrepared:
        words = self._policy.in_words(Payment.PENDING)
        return NotPrepared(Payment.PENDING, "not paid in time: rejected by policy", words)

    async def ask(self, registration: Registration, secrets: Secrets) -> Prepared | NotPrepared:
        """Use it now. Failed when it is pending, or nobody says; none is due where the policy was changed."""
        event = cast(EventDocument, read_json(secrets.document or b""))
        business = self._packets.again(event, registration)
        if isinstance(business, str) or business.payment is None:
            return Prepared()
        stands = Payment.MISSING
        if business.payment:
            stands = await self._payments.use(business.payment, registration.event_id)
        if stands is Payment.PENDING:
            raise Later("the payment is pending")
        if stands is Payment.PAID:
            return Prepared()
        return NotPrepared(stands, f"not paid: {stands}", self._policy.in_words(stands))
