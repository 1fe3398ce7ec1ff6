"""The auth service's keys and the tokens that it makes (contract opencrvs §2.1–2.3, §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mock_opencrvs.directory.people import SystemClient, User
from mock_opencrvs.settings import Settings
from testbed.latest import Latest
from wire.opencrvs import tokens as wire
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import parse
from wire.world import World

_OF_OLD = frozenset(f"record.{name}" for name in ("notify", "search", "read", "create", "import"))
_KEPT = 512
"""How many proven tokens are remembered."""
_REVOKED = 10_000


@dataclass
class Tokens:
    """Signs and verifies with one key pair at a time; `rotate` changes it and strands older tokens."""

    settings: Settings
    world: World
    private_key: RSAPrivateKey
    invalidated: dict[str, None] = field(default_factory=partial(Latest, _REVOKED))
    """Texts that were given to /invalidateToken, the latest last; nobody asks whether they are tokens."""
    _proven: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    """Claims whose signature held lately: a browser shows the same token a hundred times."""

    @property
    def public_key(self) -> RSAPublicKey:
        return self.private_key.public_key()

    def public_pem(self) -> str:
        return self.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    async def rotate(self) -> None:
        """A new key pair, as after a redeployment of auth."""
        self.private_key = await self.world.offload(generate_private_key, 65537, 2048)
        self._proven.clear()

    async def for_user(self, user: User, scopes: Sequence[str]) -> str:
        return await self._persons(user.id, scopes, user.role)

    async def refreshed(self, claims: Mapping[str, Any]) -> str:
        """What a valid token is exchanged for: a person's, whoever it was of, with the same scopes (§2.4)."""
        return await self._persons(claims["sub"], claims["scope"], None)

    async def _persons(self, subject: str, scopes: Sequence[str], role: str | None) -> str:
        return await self._sign(
            wire.user_claims(
                self.settings.profile,
                subject=subject,
                scopes=scopes,
                role=role,
                now=self.world.clock.now(),
                lifetime=self.settings.user_token_seconds,
            )
        )

    async def for_client(self, client: SystemClient) -> str:
        may_notify = any(parse(scope).name == "record.notify" for scope in client.scopes)
        scopes = client.scopes
        if self.settings.profile is not Profile.V1_9:  # clients of old had these names
            scopes = tuple(f"type={scope}" if scope in _OF_OLD else scope for scope in scopes)
        return await self._sign(
            wire.system_claims(
                self.settings.profile,
                subject=client.id,
                scopes=scopes,
                now=self.world.clock.now(),
                lifetime=self.settings.system_token_seconds,
                may_notify=may_notify,
            )
        )

    async def for_action(self, subject: Mapping[str, Any], event_id: str, action_id: str) -> str:
        """The confirmation token, made from the claims of whoever asked for the action."""
        return await self._sign(
            wire.record_claims(
                self.settings.profile,
                subject,
                event_id=event_id,
                action_id=action_id,
                now=self.world.clock.now(),
                lifetime=self.settings.record_token_seconds,
            )
        )

    async def for_trigger(self, subject: Mapping[str, Any], event_id: str, action_id: str) -> str:
        """What the trigger carries: the confirmation token; in 2.1 core's own."""
        if self.settings.profile is Profile.V2_1:
            return await self._sign(wire.service_claims(now=self.world.clock.now()))
        return await self.for_action(subject, event_id, action_id)

    async def for_country_at_start(self) -> str:
        """What the country makes its system clients with, when core is ready."""
        return await self._sign(wire.integration_creator_claims(now=self.world.clock.now()))

    async def anonymous(self) -> str:
        claims = wire.system_claims(
            self.settings.profile, subject="__ANONYMOUS_USER__", scopes=(), now=self.world.clock.now()
        )
        return await self._sign(claims)

    def verify(self, token: str | None, audience: str | Sequence[str]) -> dict[str, Any]:
        """The claims; TokenRefused says what is wrong. Of their shape the gateway asks nothing."""
        if not token:
            raise wire.TokenRefused("missing")
        claims = self._proven.get(token)
        if claims is None:
            claims = wire.proven(token, self.public_key)
            if len(self._proven) >= _KEPT:
                self._proven.clear()
            self._proven[token] = claims
        wire.check({**claims, "scope": []}, audience=audience, now=self.world.clock.now())
        return dict(claims)

    def payload(self, token: str | None, audience: str | Sequence[str]) -> dict[str, Any]:
        """The claims, if subject and scopes have their shapes too."""
        claims = self.verify(token, audience)
        scopes = claims.get("scope")
        whole = isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)
        if not whole or not isinstance(claims.get("sub"), str):
            raise wire.TokenRefused("malformed", "subject or scopes")
        return claims

    async def _sign(self, claims: Mapping[str, Any]) -> str:
        return await self.world.offload(wire.sign, claims, self.private_key)
