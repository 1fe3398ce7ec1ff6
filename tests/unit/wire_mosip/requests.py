"""Requests of ID authentication, as ours and as PyPI's `mosip-auth-sdk` writes them (contract mosip §6.8)."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.unit.wire_mosip.known import (
    IDA_CERTIFICATE,
    NOW,
    chance,
)
from wire.mosip import encoding, ida, ida_sealing, jws, keys
from wire.world import Chance, timestamp

PARTNER = ida.Partner("MISP", "crvs-partner", "123456", "https://mosip.example")
WHO = ida.demographics(
    name=({"language": "eng", "value": "Amara Okonjo"},),
    dob="1991/02/28",
    gender=({"language": "eng", "value": "female"},),
)


def build(style: str = "node", **changes: Any) -> bytes:
    given_: dict[str, Any] = {
        "individual_id": "4238670978",
        "demographics": WHO,
        "partner": PARTNER,
        "certificate": IDA_CERTIFICATE,
        "transaction_id": ida.transaction_id(chance()),
        "now": NOW,
        "chance": chance(),
    }
    return (sdk_request if style == "python" else ida.auth_request)(**(given_ | changes))


def sdk_request(
    *,
    individual_id: str,
    demographics: Any,
    partner: ida.Partner,
    certificate: x509.Certificate,
    transaction_id: str,
    now: datetime,
    chance: Chance,
    individual_id_type: str = "UIN",
    otp: str = "",
    id: str = "mosip.identity.auth",
) -> bytes:
    """Its order, everything padded, and `metadata`; also what the mediator never asks: by OTP, for KYC."""
    block = {"timestamp": timestamp(now), "demographics": demographics, "otp": otp, "biometrics": []}
    sealed = ida_sealing.seal_block(json.dumps(block).encode(), certificate, chance)
    body = {
        "id": id,
        "version": "1.0",
        "individualId": individual_id,
        "individualIdType": individual_id_type,
        "transactionID": transaction_id,
        "requestTime": timestamp(now),
        "specVersion": "1.0",
        "thumbprint": sealed.thumbprint,
        "domainUri": partner.domain_uri,
        "env": partner.environment,
        "requestedAuth": {"demo": False, "pin": False, "otp": False, "bio": False},
        "consentObtained": True,
        "requestHMAC": sealed.hmac,
        "requestSessionKey": sealed.session_key + "=" * (-len(sealed.session_key) % 4),
        "request": sealed.request,
        "metadata": {},
    }
    return json.dumps(body).encode()


def header_of(body: bytes, key: RSAPrivateKey, certificate: x509.Certificate, form: str = "pem") -> str:
    """The `signature` header; its `x5c` as mediator (`pem`), SDK (`pem-lines`) or IDA (`der`) write it."""
    pem = keys.certificate_pem(certificate).encode()
    forms = {
        "der": encoding.to_base64(keys.certificate_der(certificate)),
        "pem": encoding.to_base64url(pem),
        "pem-lines": base64.encodebytes(pem).decode(),
    }
    return jws.sign(body, {"alg": "RS256", "x5c": [forms[form]]}, key)


def _raw(**changes: Any) -> dict[str, Any]:
    return {**json.loads(build()), **changes}
