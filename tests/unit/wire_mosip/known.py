"""The known answers about MOSIP, and the test keys in them, parsed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.known import vectors
from wire.mosip import keys
from wire.mosip.contexts import stock
from wire.world import Chance, World, timestamp

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


def otp_request(individual_id: str, transaction_id: str, now: datetime, id_type: str = "UIN") -> bytes:
    """The body of `POST …/otp/…` as a partner sends it: signed, not encrypted (contract mosip §6.2)."""
    body = {
        "id": "mosip.identity.otp",
        "version": "1.0",
        "individualId": individual_id,
        "individualIdType": id_type,
        "transactionID": transaction_id,
        "requestTime": timestamp(now),
        "otpChannel": ["EMAIL"],
        "metadata": {},
    }
    return json.dumps(body, separators=(",", ":")).encode()


def open_identity(session_key: str, identity: str, private_key: RSAPrivateKey) -> bytes:
    """The plaintext of a KYC answer's identity as the partner opens it (contract mosip §6.5): the session key
    under RSA-OAEP with SHA-256, the text AES-GCM with the IV of 16 bytes behind it.
    """
    mask = padding.MGF1(hashes.SHA256())
    key = private_key.decrypt(
        base64.urlsafe_b64decode(session_key + "=="), padding.OAEP(mask, hashes.SHA256(), None)
    )
    data = base64.urlsafe_b64decode(identity + "==")
    return AESGCM(key).decrypt(data[-16:], data[:-16], None)
