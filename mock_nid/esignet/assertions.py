"""private_key_jwt: the relying party proves itself by a signed assertion (contract mosip §9.3). Pure."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from mock_nid.esignet.errors import OAuthRefused
from wire.jwts import UNREADABLE, signed_claims

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY = 5


def verify(
    assertion: str,
    key: RSAPublicKey | EllipticCurvePublicKey,
    *,
    client_id: str,
    audiences: set[str],
    now: datetime,
    jti_required: bool,
) -> str | None:
    """The assertion's jti; OAuthRefused("assertion") when it proves nothing."""
    try:
        claims = signed_claims(assertion, key, ALGORITHMS)
    except UNREADABLE:
        raise OAuthRefused("assertion") from None
    seconds = now.timestamp()
    expires, issued, jti = claims.get("exp"), claims.get("iat"), claims.get("jti")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    good = (
        claims.get("iss") == client_id
        and claims.get("sub") == client_id
        and any(isinstance(one, str) and one in audiences for one in named)
        and isinstance(expires, int | float)
        and expires + LEEWAY > seconds
        and isinstance(issued, int | float)
        and issued - LEEWAY <= seconds
        and (jti is None or isinstance(jti, str))
        and not (jti_required and not jti)
    )
    if not good:
        raise OAuthRefused("assertion")
    return jti
