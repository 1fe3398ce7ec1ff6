"""Lives of tokens: core's own (contract opencrvs §2.2), or what the settings say."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from mock_opencrvs.auth.tokens import Tokens
from mock_opencrvs.directory.people import SystemClient, User
from mock_opencrvs.settings import Settings
from wire.opencrvs.tokens import peek
from wire.world import World

KEY = generate_private_key(65537, 2048)
WEEK, TEN_MINUTES = 604_800, 600


def life(token: str) -> int:
    claims = peek(token)
    return int(claims["exp"]) - int(claims["iat"])


@pytest.mark.parametrize(
    ("settings", "system", "record"),
    [
        ({}, TEN_MINUTES, WEEK),
        ({"system_token_seconds": 60, "record_token_seconds": 3600}, 60, 3600),
    ],
)
async def test_lives(settings: dict[str, Any], system: int, record: int) -> None:
    tokens = Tokens(Settings(**settings), World.virtual(seed=1), KEY)
    client = SystemClient("c1", "bridge", "secret", "sha", ("record.read",))
    token = await tokens.for_client(client)
    assert life(token) == system
    assert life(await tokens.for_action(peek(token), "e1", "a1")) == record


async def test_life_of_a_users_token() -> None:
    tokens = Tokens(Settings(user_token_seconds=60), World.virtual(seed=1), KEY)
    user = User("u1", "k.mweene", "Kennedy", "Mweene", "LOCAL_REGISTRAR", "o1", "", "")
    assert life(await tokens.for_user(user, ())) == 60
