"""What its environment says: where everybody is, how often it asks, and what is wrong with it on purpose."""

from __future__ import annotations

import os

_GIVEN = {
    name.removeprefix("SMALL_"): value for name, value in os.environ.items() if name.startswith("SMALL_")
}


def _seconds(name: str, usual: float) -> float:
    return float(_GIVEN.get(name, usual))


PORT = int(_GIVEN.get("PORT", "3040"))
SYNCHRONOUS = _GIVEN.get("MODE") == "sync"
VERIFIES = "VERIFY" in _GIVEN
"""Whether the parents are verified before a birth is registered."""
PROFILE = _GIVEN.get("PROFILE", "2.0")
GATEWAY = _GIVEN.get("GATEWAY", "http://127.0.0.1:7070")
AUTH = _GIVEN.get("AUTH", "http://127.0.0.1:4040")
NID = _GIVEN.get("NID", "http://127.0.0.1:20240")
DATABASE = _GIVEN.get("DATABASE", "small.db")
P12 = _GIVEN.get("P12", ".rehearsal/keys/partner.p12")
P12_PASSWORD = b"mosip123"

CLIENT_ID = "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e02"
CLIENT_SECRET = "mosip-rehearsal-secret"
MOSIP_CLIENT, HUB_CLIENT = "mosip-regproc-client", "crvs-partner"
MOSIP_SECRET = "abcdeABCDE123456"
HUB_SECRET = "mosip-websub-secret"

RETRY = _seconds("RETRY", 0.3)
POLL = _seconds("POLL", 1)
RENEW = _seconds("RENEW", 1)
SECOND_LATER = _seconds("SECOND_LATER", 0)
"""How much later than the first topic the second one is subscribed."""

CALLBACK = f"http://127.0.0.1:{PORT}/websub/callback"
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"

_DEFECTS = frozenset(filter(None, _GIVEN.get("DEFECTS", "").split(",")))


def seeded(defect: str) -> bool:
    """Whether this is wrong today."""
    return defect in _DEFECTS
