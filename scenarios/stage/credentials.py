"""Whom the parts of a rehearsal know, and by which secrets: test data, the same on every stage."""

from __future__ import annotations

from typing import Any

PARTNER = "crvs-partner"
"""As whom the bridge is known at the ID system: the topics are named after it."""

HUB_SECRET = "mosip-websub-secret"
"""What the hub signs with; a stranger who has it still lacks the issuer's key."""

KNOWN_PERSON = "2760938145"
"""Boniface Tembo: an adult whom the mock ID system knows from the start."""

OPERATIONS_TOKEN = "rehearsal-operator"
"""What the operator of a rehearsal shows the bridge; a deployed bridge gets its own."""

SYSTEM_CLIENT: dict[str, Any] = {
    "client_id": "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e02",
    "client_secret": "mosip-rehearsal-secret",
}
"""The mock's `National ID integration` client, as settings of the bridge; 2.1 confirms with nothing else."""

CREDENTIALS = (
    ("a client secret", "abcdeABCDE123456"),
    ("the hub's secret", HUB_SECRET),
    ("a client secret", str(SYSTEM_CLIENT["client_secret"])),
    ("a P12 password", "mosip123"),
    ("the operator's token", OPERATIONS_TOKEN),
)
"""What each is, and its value: none of these may stand in a log."""
