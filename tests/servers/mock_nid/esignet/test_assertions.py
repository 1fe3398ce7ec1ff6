"""Assertions of a client at eSignet are good once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.client_app import Relying

Open = Callable[..., Awaitable[Stage]]
REDIRECT = "http://127.0.0.1:9999/callback"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "a" * 60


@pytest.mark.parametrize(
    ("generation", "without", "twice"), [("1.5", 200, 200), ("1.6", 400, 200), ("1.7", 400, 400)]
)
@pytest.mark.requirement("MOSIP-ESG-03")
async def test_assertion_ids_by_generation(
    stage: Open, keys: Path, generation: str, without: int, twice: int
) -> None:
    party = Relying(await stage(esignet_generation=generation), keys)
    status, _, _ = await party.token(await party.code(), client_assertion=party.assertion(jti=None))
    assert status == without
    same = party.assertion()
    assert (await party.token(await party.code(), client_assertion=same))[0] == 200
    assert (await party.token(await party.code(), client_assertion=same))[0] == twice


@pytest.mark.parametrize("audience", [{}, [{}], [["x"]], 5, ["x", None], True])
async def test_an_audience_of_another_kind_names_nobody(stage: Open, keys: Path, audience: object) -> None:
    party = Relying(await stage(), keys)
    status, body, _ = await party.token(await party.code(), client_assertion=party.assertion(aud=audience))
    assert (status, body["error"]) == (400, "invalid_client")


async def test_an_audience_may_be_one_of_several(stage: Open, keys: Path) -> None:
    party = Relying(await stage(), keys)
    named = party.assertion(aud=["https://elsewhere.example", party.base])
    assert (await party.token(await party.code(), client_assertion=named))[0] == 200
