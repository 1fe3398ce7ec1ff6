"""Whether a fee is paid: a second external system, asked before the ID system (BRIDGE_PAYMENTS_URL).

`PUT /payments/{reference}` with `{"record": event id}` uses the reference for this record and tells how the
payment stands; a repetition for the same record is answered as the first time. 404: nobody knows the
reference; 409: it was used for another record.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import quote

from bridge.calls.failure import Failed, by_status
from bridge.calls.peer import Peer, object_in
from bridge.settings import Settings
from wire.world import World


class Payment(StrEnum):
    """How it stands. PENDING alone may change; the others but PAID are codes of reasons.json."""

    PAID = "PAID"
    PENDING = "PAYMENT_PENDING"
    REFUSED = "PAYMENT_REFUSED"
    EXPIRED = "PAYMENT_EXPIRED"
    UNKNOWN = "PAYMENT_UNKNOWN"
    USED = "PAYMENT_USED"
    MISSING = "PAYMENT_MISSING"


_WORDS = {
    "paid": Payment.PAID,
    "pending": Payment.PENDING,
    "refused": Payment.REFUSED,
    "expired": Payment.EXPIRED,
}
_STATUSES = {404: Payment.UNKNOWN, 409: Payment.USED}


class Payments:
    """The client. Made inside the running loop."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._base, self._token = settings.payments_url, settings.payments_token
        self.peer = Peer("the payments", settings, world, Failed)

    async def use(self, reference: str, record: str) -> Payment:
        """Use a payment for a record. Failed when the system cannot say."""
        bearer = self._token.get_secret_value() if self._token is not None else None
        url = f"{self._base}/payments/{quote(reference, safe='')}"
        answer = await self.peer.call("PUT", url, bearer=bearer, content={"record": record})
        told = object_in(answer)
        if told is not None and answer.status in _STATUSES:  # a gateway's 404 is no word about it
            return _STATUSES[answer.status]
        status = (told or {}).get("status")
        if answer.status != 200 or status not in _WORDS:
            raise Failed(by_status("the payments", answer.status, answer.wait))
        return _WORDS[status]
