"""OpenCRVS tokens: RS256 without `kid`, `aud` and `scope` are arrays (contract opencrvs §2.1–2.3, §11).

Upstream: packages/auth/src/features/authenticate/service.ts. Keys are `cryptography` objects, so that they
are parsed once. Instants are aware UTC datetimes; a token's own times are whole seconds.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from wire.foreign_json import read_json
from wire.jwts import UNREADABLE
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import copied_to_record_token
from wire.world import instant

ISSUER: Final = "opencrvs:auth-service"
COUNTRY_CONFIG: Final = "opencrvs:countryconfig-user"
GATEWAY: Final = "opencrvs:gateway-user"
EVENTS: Final = "opencrvs:events-user"
AUTH: Final = "opencrvs:auth-user"

SERVICE: Final = "opencrvs:events-service"
"""Subject of the tokens that core makes for itself."""

USER_LIFETIME: Final = 604_800
SYSTEM_LIFETIME: Final = 600
RECORD_LIFETIME: Final = 604_800


def _names(text: str) -> list[str]:
    return [f"opencrvs:{name}" for name in text.split()]


_USER_2: Final = _names("auth-user user-mgnt-user gateway-user events-user countryconfig-user documents-user")
_USER_1: Final = _names(
    "auth-user user-mgnt-user hearth-user gateway-user notification-user workflow-user search-user "
    "metrics-user countryconfig-user webhooks-user config-user documents-user"
)
_RECORD_2: Final = _names(
    "gateway-user events-user user-mgnt-user auth-user countryconfig-user documents-user"
)
_RECORD_1: Final = _names(
    "gateway-user user-mgnt-user auth-user hearth-user notification-user workflow-user search-user "
    "metrics-user countryconfig-user webhooks-user config-user documents-user notification-api-user"
)


class TokenRefused(Exception):
    """A bearer token that cannot be believed; `reason` says why in one word.

    missing | malformed | algorithm | signature | issuer | audience | expired | immature
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"the token was refused: {reason}" + (f" ({detail})" if detail else ""))
        self.reason = reason


def user_audience(profile: Profile) -> list[str]:
    """Audiences of a person's token, in upstream's order."""
    return list(_USER_1 if profile is Profile.V1_9 else _USER_2)


def system_audience(profile: Profile, *, may_notify: bool = False) -> list[str]:
    """Audiences of a system client's token; 1.9 adds one for clients that may notify (§2.2)."""
    audience = user_audience(profile)
    if profile is Profile.V1_9 and may_notify:
        audience.append("opencrvs:notification-api-user")
    return audience


def record_audience(profile: Profile) -> list[str]:
    """Audiences of the confirmation token that the trigger carries (§2.3)."""
    return list(_RECORD_1 if profile is Profile.V1_9 else _RECORD_2)


def user_claims(
    profile: Profile,
    *,
    subject: str,
    scopes: Sequence[str],
    role: str | None,
    now: datetime,
    lifetime: int = USER_LIFETIME,
) -> dict[str, Any]:
    """Claims of a person's token (§2.2). A refreshed token has no role: pass None."""
    claims: dict[str, Any] = {"scope": list(scopes), "userType": "user"}
    if role is not None:
        claims["role"] = role
    return claims | _registered(user_audience(profile), subject, now, lifetime)


def system_claims(
    profile: Profile,
    *,
    subject: str,
    scopes: Sequence[str],
    now: datetime,
    lifetime: int = SYSTEM_LIFETIME,
    may_notify: bool = False,
) -> dict[str, Any]:
    """Claims of a system client's token (client_credentials, §2.2): no role, ten minutes."""
    audience = system_audience(profile, may_notify=may_notify)
    return {"scope": list(scopes), "userType": "system"} | _registered(audience, subject, now, lifetime)


def record_claims(
    profile: Profile,
    subject_claims: Mapping[str, Any],
    *,
    event_id: str,
    action_id: str,
    now: datetime,
    lifetime: int = RECORD_LIFETIME,
) -> dict[str, Any]:
    """Claims of the confirmation token made from the registrar's own (§2.3; profiles 1.9 and 2.0).

    `sub` stays the registrar, so that the confirmed action is theirs; there is no role.
    """
    user_type = "user" if profile is Profile.V1_9 else subject_claims.get("userType", "user")
    claims: dict[str, Any] = {
        "scope": copied_to_record_token(subject_claims.get("scope", ()), profile),
        "eventId": event_id,
        "actionId": action_id,
        "userType": user_type,
    }
    return claims | _registered(record_audience(profile), str(subject_claims["sub"]), now, lifetime)


def service_claims(*, now: datetime) -> dict[str, Any]:
    """Claims of core's own token, which 2.1 sends with the trigger: no scopes, no ids, for the country config
    alone (§0.4, row 29).
    """
    return {"scope": [], "userType": "system"} | _registered([COUNTRY_CONFIG], SERVICE, now, SYSTEM_LIFETIME)


def integration_creator_claims(*, now: datetime) -> dict[str, Any]:
    """Claims of the token with which core 2.1 says that it is ready: for 60 s it may make system clients, at
    the events service alone (§0.4, row 31).
    """
    granted = {"scope": ["type=integration.create"], "userType": "system"}
    return granted | _registered([COUNTRY_CONFIG, EVENTS], SERVICE, now, 60)


def _registered(audience: list[str], subject: str, now: datetime, lifetime: int) -> dict[str, Any]:
    issued = int(now.timestamp())
    return {"iat": issued, "exp": issued + lifetime, "aud": audience, "iss": ISSUER, "sub": subject}


def sign(claims: Mapping[str, Any], private_key: RSAPrivateKey) -> str:
    """The compact JWT, header `{"alg":"RS256","typ":"JWT"}`. One RSA private operation: offload it."""
    # sorted headers put alg before typ, as upstream does
    return jwt.encode(dict(claims), private_key, algorithm="RS256", sort_headers=True)


def verify(
    token: str | None,
    public_key: RSAPublicKey,
    *,
    audience: str | Sequence[str],
    now: datetime,
    leeway: float = 0,
) -> dict[str, Any]:
    """The claims of a token that holds: algorithm pinned, signature, issuer, audience (any of), times.

    Raises TokenRefused. `leeway` is in seconds.
    """
    if not token:
        raise TokenRefused("missing")
    claims = proven(token, public_key)
    check(claims, audience=audience, now=now, leeway=leeway)
    return claims


def check(
    claims: Mapping[str, Any],
    *,
    audience: str | Sequence[str],
    now: datetime,
    leeway: float = 0,
) -> None:
    """Issuer, audience (any of) and times of claims whose signature holds. Raises TokenRefused."""
    if claims.get("iss") != ISSUER:
        raise TokenRefused("issuer")
    wanted = [audience] if isinstance(audience, str) else audience
    held = claims.get("aud")
    if not any(name == held or (isinstance(held, list) and name in held) for name in wanted):
        raise TokenRefused("audience")
    scopes = claims.get("scope", [])
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise TokenRefused("malformed", "scope is no list of texts")
    _check_times(claims, now.timestamp(), leeway)


def proven(token: str, *public_keys: RSAPublicKey) -> dict[str, Any]:
    """The claims, once algorithm and signature (under one of the keys) hold; whom and when the token is for
    is left to `check`.
    """
    for key in public_keys:
        with suppress(jwt.InvalidSignatureError):
            return _claims(_payload(token, key))
    raise TokenRefused("signature")


def _payload(token: str, key: RSAPublicKey) -> bytes:
    try:
        payload: bytes = jwt.api_jws.decode(token, key, algorithms=["RS256"])
    except jwt.InvalidSignatureError:
        raise
    except jwt.InvalidAlgorithmError as error:
        raise TokenRefused("algorithm") from error
    except UNREADABLE as error:
        raise TokenRefused("malformed") from error
    return payload


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = read_json(payload)
    except UNREADABLE as error:
        raise TokenRefused("malformed") from error
    if not isinstance(claims, dict):
        raise TokenRefused("malformed", "the claims are no object")
    return claims


def _check_times(claims: Mapping[str, Any], now: float, leeway: float) -> None:
    for name in ("exp", "nbf", "iat"):
        if name in claims and instant(claims[name]) is None:
            raise TokenRefused("malformed", f"{name} is no number of seconds")
    if "exp" not in claims:
        raise TokenRefused("malformed", "it never expires")
    if claims["exp"] + leeway <= now:
        raise TokenRefused("expired")
    if "nbf" in claims and claims["nbf"] - leeway > now:
        raise TokenRefused("immature")


def peek(token: str) -> dict[str, Any]:
    """The claims without any proof, as the reference mediator reads them; TokenRefused("malformed")."""
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenRefused("malformed")
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError as error:
        raise TokenRefused("malformed") from error
    return _claims(payload)


def bearer(header: str | None) -> str | None:
    """The token in an `Authorization` header; None when there is none."""
    if not header:
        return None
    scheme, _, token = header.strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
