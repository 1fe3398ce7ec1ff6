"""Whose token opens the trigger, and how the key is renewed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers.bridge.conftest import BIRTH, Stage


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"iss": "somebody"}, 401),
        ({"aud": ["opencrvs:gateway-user"]}, 401),
        ({"exp": 1}, 401),
        ({"eventId": "another"}, 403),
        ({"actionId": "another"}, 400),
        ({"scope": []}, 403),
        ({"actionId": None}, 403),
    ],
)
async def test_tokens_that_are_refused(stage: Stage, changes: dict[str, Any], status: int) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event, stage.opencrvs.token(event, **changes)))[0] == status
    assert await stage.running.store.listings.pending() == []


async def test_forged_algorithms_are_refused(stage: Stage) -> None:
    import jwt

    from wire.mosip import keys
    from wire.opencrvs import tokens

    event = stage.opencrvs.record("birth", BIRTH)
    claims = tokens.peek(stage.opencrvs.token(event))
    pem = keys.public_pem(stage.opencrvs.keys["opencrvs-auth"].private_key.public_key())
    unsigned = jwt.encode(claims, None, algorithm="none")
    other = tokens.sign(claims, stage.opencrvs.keys["partner"].private_key)
    import base64
    import hashlib
    import hmac

    head, body, _ = jwt.encode(claims, "x" * 40, algorithm="HS256").split(".")
    mac = hmac.new(pem.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    confused = f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    for forged in (unsigned, other, confused, "x.y.z"):
        assert (await stage.trigger(event, forged))[0] == 401


async def test_rotated_key_is_fetched_at_most_once_a_minute(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    asked = stage.opencrvs.key_asked
    stage.opencrvs.key_name = "mosip-iam"
    await stage.world.clock.advance(61)
    again = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(again))[0] == 202
    old = stage.opencrvs.record("birth", BIRTH)
    stage.opencrvs.key_name = "opencrvs-auth"
    forged = stage.opencrvs.token(old)
    stage.opencrvs.key_name = "mosip-iam"
    assert [(await stage.trigger(old, forged))[0] for _ in range(5)] == [401] * 5
    assert stage.opencrvs.key_asked == asked + 1
