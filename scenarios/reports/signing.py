"""A verifier's signature: a detached JWS (RFC 7515, appendix F) over canonical JSON (RFC 8785)."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import jwt
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from wire.keyfolder import KeyFolder

PrivateKey = Ed25519PrivateKey | RSAPrivateKey
FILE = "verifier.key.pem"
"""Its name in the folder of keys, where it is made when it is first needed."""


class NotGenuine(ValueError):
    """Not what a verifier signed; the message says why."""


def signing_key(folder: Path, given: Path | None = None) -> PrivateKey:
    """The verifier's own key: the one that is given, or the folder's, made on first use (Ed25519).

    OSError, or ValueError that says why it cannot be used.
    """
    pem = given.read_bytes() if given else KeyFolder(folder).text(FILE, _made).encode()
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:  # TypeError: a password is due
        raise ValueError(f"a private key in PEM without a password is due ({error})") from error
    if not isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        raise ValueError("an Ed25519 or an RSA key is due")
    return key


def _made() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signature(document: Any, key: PrivateKey) -> str:
    """`header..signature`; the header holds algorithm and public key."""
    if isinstance(key, Ed25519PrivateKey):
        algorithm, jwk = "EdDSA", json.loads(OKPAlgorithm.to_jwk(key.public_key()))
    else:
        algorithm, jwk = "RS256", json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    headers = {"typ": "", "jwk": _public(jwk)}
    whole = jwt.api_jws.encode(rfc8785.dumps(document), key, algorithm=algorithm, headers=headers)
    header, _, signed = whole.split(".")
    return f"{header}..{signed}"


def _public(jwk: dict[str, Any]) -> dict[str, Any]:
    """What of a key counts for its thumbprint, and no more."""
    return {name: jwk[name] for name in ("crv", "e", "kty", "n", "x") if name in jwk}


def signer_of(document: Any, signed: str) -> str:
    """The thumbprint (RFC 7638) of the key that signed; NotGenuine when the signature does not hold."""
    try:
        header, empty, value = signed.split(".")
        payload = base64.urlsafe_b64encode(rfc8785.dumps(document)).rstrip(b"=").decode()
        jwk = _public(jwt.get_unverified_header(f"{header}.{payload}.{value}")["jwk"])
        key = jwt.PyJWK(jwk, algorithm="EdDSA" if jwk["kty"] == "OKP" else "RS256")
        jwt.api_jws.decode(f"{header}.{payload}.{value}", key, algorithms=["EdDSA", "RS256"])
    except (ValueError, LookupError, TypeError, jwt.PyJWTError):
        raise NotGenuine("its signature does not hold: it was changed, or never signed") from None
    if empty:
        raise NotGenuine("its signature does not hold: the signature is not detached")
    digest = hashlib.sha256(rfc8785.dumps(jwk)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
