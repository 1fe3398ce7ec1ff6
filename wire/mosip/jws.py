"""Detached JSON Web Signatures in the two forms that MOSIP uses. Pure.

- over raw bytes (`b64: false`, PS256): credential proofs. Contract mosip §5.4.
- over base64url(payload) (RS256): IDA request and response signatures. Contract mosip §6.4, §6.5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from wire.mosip.encoding import from_base64, to_base64url

_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
_PKCS1 = padding.PKCS1v15()


class JwsRefused(Exception):
    """A detached JWS does not hold. `reason`: malformed, algorithm, signature."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"detached JWS: {reason}")


@dataclass(frozen=True)
class Detached:
    """A detached JWS taken apart: the header as sent and as parsed, and the signature's bytes."""

    protected: str
    header: Mapping[str, Any]
    signature: bytes


def sign(payload: bytes, header: Mapping[str, Any], private_key: RSAPrivateKey) -> str:
    """`header..signature` over `payload`; PS256 or RS256 by the header's `alg`, raw when `b64` is false.

    The header's own order of names is kept, as compact JSON.
    """
    protected = to_base64url(json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode())
    signed = _signing_input(protected, header, payload)
    if header.get("alg") == "PS256":
        signature = private_key.sign(signed, _PSS, hashes.SHA256())
    elif header.get("alg") == "RS256":
        signature = private_key.sign(signed, _PKCS1, hashes.SHA256())
    else:
        raise ValueError("the header's alg must be PS256 or RS256")
    return f"{protected}..{to_base64url(signature)}"


def take_apart(text: str) -> Detached:
    """Split a detached JWS; JwsRefused("malformed") when it is none."""
    pieces = text.strip().split(".")
    if len(pieces) != 3 or pieces[1] or not pieces[0] or not pieces[2]:
        raise JwsRefused("malformed")
    try:
        header = json.loads(from_base64(pieces[0]))
        signature = from_base64(pieces[2])
    except (ValueError, RecursionError) as error:
        raise JwsRefused("malformed") from error
    if not isinstance(header, dict):
        raise JwsRefused("malformed")
    return Detached(pieces[0], header, signature)


def verify(detached: Detached, payload: bytes, public_key: RSAPublicKey, *, algorithm: str) -> None:
    """Check the signature under the one `algorithm` that is due; JwsRefused says why it does not hold."""
    if detached.header.get("alg") != algorithm:
        raise JwsRefused("algorithm")
    critical = detached.header.get("crit", [])
    if not isinstance(critical, list) or any(name != "b64" for name in critical):
        raise JwsRefused("algorithm")
    signed = _signing_input(detached.protected, detached.header, payload)
    try:
        if algorithm == "PS256":
            public_key.verify(detached.signature, signed, _PSS, hashes.SHA256())
        elif algorithm == "RS256":
            public_key.verify(detached.signature, signed, _PKCS1, hashes.SHA256())
        else:
            raise JwsRefused("algorithm")
    except InvalidSignature as error:
        raise JwsRefused("signature") from error


def _signing_input(protected: str, header: Mapping[str, Any], payload: bytes) -> bytes:
    body = payload if header.get("b64") is False else to_base64url(payload).encode("ascii")
    return protected.encode("ascii") + b"." + body
