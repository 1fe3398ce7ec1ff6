"""Tokens (contract §2.1–2.3, §11): the contract's claims, the recorded mediator's token, and refusals."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.known import recording
from wire.opencrvs import tokens
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import TokenRefused

V1_9, V2_0, V2_1 = Profile
NOW = datetime(2026, 3, 2, 9, 6, 44, 500000, tzinfo=UTC)
SECONDS = 1772442404
EVENT = "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11"
ACTION = "0f4f7f39-6d0c-4f0c-8a3c-7d2a8d2f1c08"
REGISTRAR = "6f1f0a52-3b0e-4a25-9df0-5a55a5a5a502"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def audience(names: str) -> list[str]:
    return [f"opencrvs:{name}" for name in names.split(",")]


USER_2 = audience("auth-user,user-mgnt-user,gateway-user,events-user,countryconfig-user,documents-user")
USER_1 = audience(
    "auth-user,user-mgnt-user,hearth-user,gateway-user,notification-user,workflow-user,search-user,metrics-user,"
    "countryconfig-user,webhooks-user,config-user,documents-user"
)
RECORD_2 = audience("gateway-user,events-user,user-mgnt-user,auth-user,countryconfig-user,documents-user")
RECORD_1 = audience(
    "gateway-user,user-mgnt-user,auth-user,hearth-user,notification-user,workflow-user,search-user,metrics-user,"
    "countryconfig-user,webhooks-user,config-user,documents-user,notification-api-user"
)
SCOPES_2 = [
    "type=record.read&event=birth,death",
    "type=record.register",
    "type=record.reject&event=birth,death",
]
SCOPES_1 = ["record.read", "record.register", "record.read[event=birth|death]"]


def same(claims: dict[str, Any], expected: dict[str, Any]) -> None:
    """Equal, also in the order of the keys, which a reader of the token sees."""
    assert json.dumps(claims) == json.dumps(expected)


@pytest.mark.parametrize(("profile", "held"), [(V1_9, USER_1), (V2_0, USER_2), (V2_1, USER_2)])
def test_user_claims(profile: Profile, held: list[str]) -> None:
    claims = tokens.user_claims(profile, subject=REGISTRAR, scopes=["a"], role="LOCAL_REGISTRAR", now=NOW)
    same(
        claims,
        {
            "scope": ["a"],
            "userType": "user",
            "role": "LOCAL_REGISTRAR",
            "iat": SECONDS,
            "exp": SECONDS + 604800,
            "aud": held,
            "iss": "opencrvs:auth-service",
            "sub": REGISTRAR,
        },
    )
    refreshed = tokens.user_claims(profile, subject=REGISTRAR, scopes=["a"], role=None, now=NOW, lifetime=60)
    assert "role" not in refreshed
    assert refreshed["exp"] == SECONDS + 60


def test_system_claims() -> None:
    claims = tokens.system_claims(V2_0, subject="client", scopes=["type=record.create"], now=NOW)
    same(
        claims,
        {
            "scope": ["type=record.create"],
            "userType": "system",
            "iat": SECONDS,
            "exp": SECONDS + 600,
            "aud": USER_2,
            "iss": "opencrvs:auth-service",
            "sub": "client",
        },
    )
    notifier = tokens.system_claims(V1_9, subject="c", scopes=[], now=NOW, may_notify=True)
    assert notifier["aud"] == [*USER_1, "opencrvs:notification-api-user"]
    assert tokens.system_claims(V2_0, subject="c", scopes=[], now=NOW, may_notify=True)["aud"] == USER_2


@pytest.mark.parametrize(
    ("profile", "held", "scope", "aud"),
    [
        (
            V2_0,
            SCOPES_2,
            [
                "type=record.confirm-registration",
                "type=record.reject-registration",
                "type=record.read&event=birth,death",
                "type=record.reject&event=birth,death",
            ],
            RECORD_2,
        ),
        (
            V1_9,
            SCOPES_1,
            [
                "record.confirm-registration",
                "record.reject-registration",
                "record.read",
                "record.read[event=birth|death]",
            ],
            RECORD_1,
        ),
    ],
)
def test_record_claims(profile: Profile, held: list[str], scope: list[str], aud: list[str]) -> None:
    user = tokens.user_claims(profile, subject=REGISTRAR, scopes=held, role="LOCAL_REGISTRAR", now=NOW)
    same(
        tokens.record_claims(profile, user, event_id=EVENT, action_id=ACTION, now=NOW),
        {
            "scope": scope,
            "eventId": EVENT,
            "actionId": ACTION,
            "userType": "user",
            "iat": SECONDS,
            "exp": SECONDS + 604800,
            "aud": aud,
            "iss": "opencrvs:auth-service",
            "sub": REGISTRAR,
        },
    )


def test_the_type_of_user_is_copied_in_2_0_only() -> None:
    system = tokens.system_claims(V2_0, subject="client", scopes=[], now=NOW)
    made = {p: tokens.record_claims(p, system, event_id="e", action_id="a", now=NOW) for p in (V1_9, V2_0)}
    assert {profile: claims["userType"] for profile, claims in made.items()} == {V1_9: "user", V2_0: "system"}


def test_a_service_token_proves_the_caller_and_no_more() -> None:
    claims = tokens.service_claims(now=NOW)
    assert claims["scope"] == []
    assert {"eventId", "actionId", "role"}.isdisjoint(claims)
    assert claims["aud"] == [tokens.COUNTRY_CONFIG]


def test_the_header_is_upstreams(key: RSAPrivateKey) -> None:
    token = tokens.sign(tokens.service_claims(now=NOW), key)
    header = base64.urlsafe_b64decode(token.split(".")[0] + "==")
    assert header == b'{"alg":"RS256","typ":"JWT"}'


def test_our_record_token_has_the_recorded_ones_claims(key: RSAPrivateKey) -> None:
    """The mediator's recorded trigger token: 1.9, as the auth service makes it."""
    text = json.dumps(recording("flow-birth"))
    found = re.findall(r"eyJhbGciOiJSUzI1NiI[\w-]+\.[\w-]+\.[\w-]+", text)
    for token in set(found):
        claims = tokens.peek(token)
        if "eventId" not in claims:
            continue
        ours = tokens.record_claims(
            V1_9,
            {"sub": claims["sub"], "scope": []},
            event_id=claims["eventId"],
            action_id=claims["actionId"],
            now=datetime.fromtimestamp(claims["iat"], UTC),
        )
        assert tokens.sign(ours, key).split(".")[:2] == token.split(".")[:2]
    assert found


def verify(token: str | None, key: RSAPrivateKey, **over: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"audience": tokens.COUNTRY_CONFIG, "now": NOW} | over
    return tokens.verify(token, key.public_key(), **options)


def test_a_good_token_gives_its_claims(key: RSAPrivateKey) -> None:
    claims = tokens.service_claims(now=NOW)
    token = tokens.sign(claims, key)
    assert verify(token, key) == claims
    assert verify(token, key, audience=["opencrvs:nobody", tokens.COUNTRY_CONFIG]) == claims
    assert tokens.peek(token) == claims
    assert verify(tokens.sign(claims | {"aud": tokens.GATEWAY}, key), key, audience=tokens.GATEWAY)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "opencrvs.auth"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": ["opencrvs:gateway-user"]}, "audience"),
        ({"aud": "opencrvs:gateway-user"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": {"opencrvs:countryconfig-user": 1}}, "audience"),
        ({"exp": SECONDS}, "expired"),
        ({"exp": float("nan")}, "malformed"),
        ({"exp": "never"}, "malformed"),
        ({"exp": True}, "malformed"),
        ({"exp": None}, "malformed"),
        ({"iat": "yesterday"}, "malformed"),
        ({"nbf": SECONDS + 60}, "immature"),
        ({"nbf": float("nan")}, "malformed"),
    ],
)
def test_claims_that_do_not_hold(change: dict[str, Any], reason: str, key: RSAPrivateKey) -> None:
    claims = {k: v for k, v in (tokens.service_claims(now=NOW) | change).items() if v is not None}
    parts = jwt.api_jws.encode(json.dumps(claims).encode(), key, algorithm="RS256")
    with pytest.raises(TokenRefused) as refused:
        verify(parts, key)
    assert refused.value.reason == reason


def test_unhashable_audiences_are_refused(key: RSAPrivateKey) -> None:
    claims = tokens.service_claims(now=NOW) | {"aud": [{"a": 1}]}
    token = jwt.api_jws.encode(json.dumps(claims).encode(), key, algorithm="RS256")
    with pytest.raises(TokenRefused) as refused:
        verify(token, key)
    assert refused.value.reason == "audience"


def test_a_token_lives_to_its_last_second(key: RSAPrivateKey) -> None:
    token = tokens.sign(tokens.service_claims(now=NOW) | {"exp": SECONDS + 10}, key)
    end = datetime.fromtimestamp(SECONDS + 10, UTC)
    assert verify(token, key, now=end - timedelta(milliseconds=1))
    with pytest.raises(TokenRefused, match="expired"):
        verify(token, key, now=end)
    assert verify(token, key, now=end, leeway=1)


def unsigned(header: dict[str, Any], claims: Any) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    ]
    return ".".join([*parts, ""])


def test_the_algorithm_is_pinned(key: RSAPrivateKey) -> None:
    claims = tokens.service_claims(now=NOW)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # the public key as an HMAC secret: the classic confusion; PyJWT itself would not make such a token
    hs = unsigned({"alg": "HS256", "typ": "JWT"}, claims)[:-1]
    mac = base64.urlsafe_b64encode(hmac.new(pem, hs.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    tokens_of_others = [
        unsigned({"alg": "none"}, claims),
        unsigned({"alg": "None", "typ": "JWT"}, claims),
        f"{hs}.{mac}",
        jwt.encode(claims, key, algorithm="RS512"),
        jwt.encode(claims, key, algorithm="PS256"),
    ]
    for token in tokens_of_others:
        with pytest.raises(TokenRefused) as refused:
            verify(token, key)
        assert refused.value.reason == "algorithm"


def test_another_key_or_a_changed_claim_breaks_the_signature(key: RSAPrivateKey) -> None:
    other = generate_private_key(65537, 2048)
    token = tokens.sign(tokens.service_claims(now=NOW), other)
    header, _, signature = tokens.sign(tokens.service_claims(now=NOW), key).split(".")
    forged = unsigned({}, {"iss": tokens.ISSUER}).split(".")[1]
    for bad in (token, f"{header}.{forged}.{signature}", f"{header}.{forged}."):
        with pytest.raises(TokenRefused) as refused:
            verify(bad, key)
        assert refused.value.reason == "signature"


@pytest.mark.parametrize("token", [None, ""])
def test_no_token(token: str | None, key: RSAPrivateKey) -> None:
    with pytest.raises(TokenRefused) as refused:
        verify(token, key)
    assert refused.value.reason == "missing"


DEEP = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 6000).decode().rstrip("=")


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "..", "é.é.é", "\ud800.a.b", f"{DEEP}.e30.e30", "e30.e30.e30"]
)
def test_what_is_no_token(token: str, key: RSAPrivateKey) -> None:
    with pytest.raises(TokenRefused) as refused:
        verify(token, key)
    assert refused.value.reason in ("malformed", "algorithm")


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "..", "é.é.é", "a.\ud800.b", f"e30.{DEEP}.e30", "e30.W10.e30"]
)
def test_what_cannot_even_be_peeked_at(token: str) -> None:
    with pytest.raises(TokenRefused, match="malformed"):
        tokens.peek(token)


def test_a_refusal_tells_no_secret(key: RSAPrivateKey) -> None:
    token = tokens.sign(tokens.service_claims(now=NOW), generate_private_key(65537, 2048))
    with pytest.raises(TokenRefused) as refused:
        verify(token, key)
    assert token not in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_at_all_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        tokens.peek(text)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        ("", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("Basic abc", None),
        ("abc", None),
    ],
)
def test_bearer(header: str | None, token: str | None) -> None:
    assert tokens.bearer(header) == token
