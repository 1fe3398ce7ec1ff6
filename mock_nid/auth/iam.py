"""The tokens of the auth manager: made like Keycloak's, checked as the services do (contract mosip §1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from mock_nid.auth.clients import Clients, KeycloakClient
from wire.jwts import UNREADABLE, signed_claims
from wire.world import World

ISSUER = "https://iam.mosip.example/auth/realms/mosip"
KEY_ID = "rehearsal-realm-key"
FIXED_TOKEN = "some-token"
"""What the OpenCRVS mock hands out to everybody (style upstream-mock)."""


class TokenInvalid(Exception):
    """A token that no service believes; the reason is MOSIP's own wording."""


@dataclass(frozen=True)
class Caller:
    """Who calls: client id, userId at the hub, roles. `everything` is the bearer of the fixed token."""

    client_id: str
    user_id: str
    roles: frozenset[str]
    everything: bool = False

    def has_any(self, roles: frozenset[str]) -> bool:
        return self.everything or bool(self.roles & roles)


class Iam:
    """Issues and reads tokens of one realm."""

    def __init__(
        self, clients: Clients, key: RSAPrivateKey, world: World, *, seconds: int, fixed: bool
    ) -> None:
        self._clients, self._key, self._world = clients, key, world
        self._public = key.public_key()
        self._seconds, self._fixed = seconds, fixed
        self._read: dict[str, dict[str, Any]] = {}

    def rotate(self) -> None:
        """Sign with a key of its own from now on: no token that was given before is good any more."""
        self._key = generate_private_key(public_exponent=65537, key_size=2048)
        self._public = self._key.public_key()
        self._read.clear()

    def issue(self, client: KeycloakClient, *, expired: bool = False) -> str:
        """A token for a client; `expired` makes one that ran out an hour ago (a fault)."""
        if self._fixed:
            return FIXED_TOKEN
        issued = int(self._world.clock.now().timestamp()) - (self._seconds + 3600 if expired else 0)
        claims = {
            "exp": issued + self._seconds,
            "iat": issued,
            "jti": self._world.chance.uuid(),
            "iss": ISSUER,
            "aud": ["account"],
            "sub": self._world.chance.uuid(),
            "typ": "Bearer",
            "azp": client.id,
            "realm_access": {"roles": list(client.roles)},
            "scope": "profile email",
            "clientId": client.id,
            "preferred_username": f"service-account-{client.id}",
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})

    def read(self, token: str) -> Caller:
        """Who holds the token; TokenInvalid when it is malformed, foreign or expired."""
        if self._fixed and token == FIXED_TOKEN:
            return Caller(FIXED_TOKEN, FIXED_TOKEN, frozenset(), everything=True)
        claims = self._read.get(token)
        if claims is None:
            claims = self._verified(token)
            if len(self._read) > 1000:
                self._read.clear()
            self._read[token] = claims
        if claims["exp"] <= self._world.clock.now().timestamp():
            raise TokenInvalid("Token expired")
        roles = claims["realm_access"]["roles"]
        user = str(claims["preferred_username"]).removeprefix("service-account-")
        return Caller(claims["azp"], user, frozenset(roles))

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            claims = signed_claims(token, self._public, issuer=ISSUER)
        except UNREADABLE as error:
            raise TokenInvalid(str(error)) from None
        if not {"exp", "azp", "realm_access", "preferred_username"} <= claims.keys():
            raise TokenInvalid("claims are missing")
        return claims

    def client(self, client_id: object, secret: object) -> KeycloakClient | None:
        """The client with that secret; None when either is wrong."""
        client = self._clients.clients.get(client_id) if isinstance(client_id, str) else None
        return client if client is not None and client.secret == secret else None
