"""The known answers about MOSIP, and the test keys in them, parsed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.known import vectors
from wire.mosip import keys
from wire.mosip.contexts import stock
from wire.world import Chance, World

MOSIP: dict[str, Any] = vectors("mosip")
IDS = MOSIP["ids"]
CREDENTIAL = MOSIP["credential"]
WEBSUB = MOSIP["websub"]
IDA = MOSIP["ida_auth"]

PARTNER_KEY = keys.private_key(CREDENTIAL["partner"]["private_key_pem"])
PARTNER_CERTIFICATE = keys.certificate(CREDENTIAL["partner"]["certificate_pem"])
ISSUER_KEY = keys.private_key(CREDENTIAL["issuer"]["private_key_pem"])
ISSUER_PUBLIC = keys.public_key(CREDENTIAL["issuer"]["public_key_json"]["publicKeyPem"])
IDA_KEY = keys.private_key(IDA["ida_partner"]["private_key_pem"])
IDA_CERTIFICATE = keys.certificate(IDA["ida_partner"]["certificate_pem"])
CLIENT_KEY = keys.private_key(IDA["client"]["private_key_pem"])
CLIENT_CERTIFICATE = keys.certificate(IDA["client"]["certificate_pem"])

BASE = "https://api-internal.mosip.example"
CONTEXTS = stock(BASE)
METHOD = f"{BASE}/.well-known/public-key.json"
KID = CREDENTIAL["issuer"]["kid"]
NOW = datetime(2025, 4, 11, 7, 57, 43, 134000, tzinfo=UTC)


def chance(seed: int | str = 1) -> Chance:
    """A chance of one's own, the same for the same seed."""
    return World.virtual(seed=seed).chance
