"""Somebody who asks the country's server in OpenCRVS's name, with a token that is wrong in one thing only.

The address of the trigger is no secret; only the token tells who asks (contract opencrvs §1.5, §2.1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from mock_opencrvs.app import Running
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.registrar import Registrar
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor
from wire.http.client import HttpClient, Reply
from wire.opencrvs import tokens
from wire.opencrvs.procedures import trigger_path

_NINE_DAYS = 9 * 86_400
"""So long ago an expired token was given: it lasted seven of them."""


@dataclass(frozen=True)
class Questioner:
    """Posts REGISTER questions about a record. `kinds` of tokens: what is wrong, in words."""

    timeline: Timeline
    line: HttpClient
    opencrvs: Callable[[], Running]
    trigger_url: str

    kinds = (
        "no token",
        "a token without a signature (alg none)",
        "an expired token",
        "a token for another audience",
        "a token of another issuer",
        "a token under another key",
        "a token signed with the public key (HS256)",
        "a text that is no token",
    )

    async def asks(self, record: CivilRecord, kind: str, registrar: Registrar) -> Reply:
        """What the country's server answers to a question that neither OpenCRVS nor this registrar asked."""
        world = self.timeline.world
        event: dict[str, Any] = json.loads(json.dumps(await record.document()))
        action = {
            **event["actions"][-1],
            "id": world.chance.uuid(),
            "transactionId": world.chance.uuid(),
            "type": "REGISTER",
            "status": "Requested",
            "declaration": {},
            "createdAt": world.timestamp(),
        }
        for other in ("originalActionId", "assignedTo"):
            action.pop(other, None)
        event["actions"].append(action)
        headers = {"content-type": "application/json"}
        if (
            token := await self._token(kind, tokens.peek(registrar.token), event["id"], action["id"])
        ) is not None:
            headers["authorization"] = f"Bearer {token}"
        what = f"asks to register {record.what}, with {kind}"
        self.timeline.says(Actor.STRANGER, what)
        url = self.trigger_url + trigger_path(event["type"], "REGISTER")
        body = json.dumps(event).encode()
        return await self.timeline.posts(self.line, Actor.STRANGER, what, url, body, headers)

    async def _token(
        self, kind: str, subject: Mapping[str, Any], event_id: str, action_id: str
    ) -> str | None:
        core = self.opencrvs().core
        good = await core.tokens.for_trigger(subject, event_id, action_id)
        claims, key = tokens.peek(good), core.tokens.private_key
        match self.kinds.index(kind):
            case 0:
                return None
            case 1:
                return jwt.encode(claims, "", algorithm="none")
            case 2:
                return tokens.sign(claims | {name: claims[name] - _NINE_DAYS for name in ("iat", "exp")}, key)
            case 3:
                return tokens.sign(claims | {"aud": ["opencrvs:notification-user"]}, key)
            case 4:
                return tokens.sign(claims | {"iss": "another:auth-service"}, key)
            case 5:
                other = await core.world.offload(generate_private_key, 65537, 2048)
                return tokens.sign(claims, other)
            case 6:
                return _by_hmac(claims, core.tokens.public_pem())
            case _:
                return "not-a-token"


def _by_hmac(claims: Mapping[str, Any], pem: str) -> str:
    """HS256 under the public key's text, which libraries believed that let the token choose the algorithm."""
    import hashlib
    import hmac
    from base64 import urlsafe_b64encode

    def part(value: Mapping[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    signature = hmac.digest(pem.encode(), head.encode(), hashlib.sha256)
    return f"{head}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"
