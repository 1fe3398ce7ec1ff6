"""What eSignet signs: id token, access token, userinfo; and its key set (contract mosip §9.1, §9.3, §9.4)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mock_nid.esignet.sessions import Granted
from wire.keyfolder import KeyPair
from wire.mosip.encoding import to_base64, to_base64url
from wire.mosip.keys import certificate_der, certificate_key_id, thumbprint
from wire.mosip.sealing import OAEP
from wire.world import Chance

LIFE = 3600
DEFAULT_ACR = "mosip:idp:acr:generated-code"


ODD_KEYS: tuple[dict[str, Any], ...] = (
    {"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty": "RSA", "use": "enc", "alg": "RSA-OAEP-256", "n": "sXch", "e": "AQAB"},
    {"kty": "RSA", "kid": "damaged", "use": "sig", "alg": "RS256", "n": "***", "e": 65537},
    {"kty": "AKP", "kid": "of-another-time", "alg": "ML-DSA-44"},
)
"""Of other kinds, without `kid`, damaged (contract mosip §15 row 10); the first is that of RFC 8037."""


class Signer:
    """Signs with eSignet's key; its methods block on RSA, so call them off the loop."""

    def __init__(self, key: KeyPair) -> None:
        self._key = key
        self.kid = certificate_key_id(key.certificate)
        self.public_key = key.private_key.public_key()

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key.private_key, algorithm="RS256", headers={"kid": self.kid})

    def pair(self, granted: Granted, subject: str, issuer: str, now: int, token_id: str) -> dict[str, Any]:
        """The token endpoint's answer."""
        request = granted.request
        access = self.sign(
            {
                "iss": issuer,
                "sub": subject,
                "aud": request.client_id,
                "azp": request.client_id,
                "client_id": request.client_id,
                "scope": request.scope,
                "iat": now,
                "exp": now + LIFE,
                "jti": token_id,
            }
        )
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": issuer,
            "sub": subject,
            "aud": request.client_id,
            "iat": now,
            "exp": now + LIFE,
            "auth_time": int(granted.at.timestamp()),
            "acr": request.acr_values[0] if request.acr_values else DEFAULT_ACR,
            "at_hash": to_base64url(half),
        }
        if request.nonce is not None:
            claims["nonce"] = request.nonce
        return {
            "id_token": self.sign(claims),
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": LIFE,
        }

    def key_set(self, *, odd: bool = False) -> dict[str, Any]:
        """The JWKS document; `odd` keys before the right one are to be passed over (RFC 7517 §5)."""
        numbers = self.public_key.public_numbers()
        certificate = self._key.certificate
        key = {
            "kty": "RSA",
            "kid": self.kid,
            "use": "sig",
            "alg": "RS256",
            "n": _integer(numbers.n),
            "e": _integer(numbers.e),
            "x5c": [to_base64(certificate_der(certificate))],
            "x5t#S256": to_base64url(thumbprint(certificate)),
            "exp": f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%S.000Z}",
        }
        return {"keys": [*ODD_KEYS, key] if odd else [key]}


def encrypted(token: str, key: RSAPublicKey, chance: Chance) -> str:
    """A signed token nested in a JWE (RSA-OAEP-256, A256GCM) for the relying party."""
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT"}
    protected = to_base64url(json.dumps(header, separators=(",", ":")).encode())
    content_key, nonce = chance.bytes(32), chance.bytes(12)
    sealed = AESGCM(content_key).encrypt(nonce, token.encode(), protected.encode())
    wrapped = key.encrypt(content_key, OAEP)
    parts = (wrapped, nonce, sealed[:-16], sealed[-16:])
    return ".".join((protected, *(to_base64url(part) for part in parts)))


def _integer(number: int) -> str:
    return to_base64url(number.to_bytes((number.bit_length() + 7) // 8))
