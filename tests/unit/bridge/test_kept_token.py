"""A token is fetched once and kept until it runs out; a refusal rests before the next try."""

from __future__ import annotations

import asyncio

import jwt
import pytest

from bridge.nid import NidDown
from tests.unit.bridge.test_login import SERVICE, answer, login
from wire.http.client import Answer


async def test_one_token_serves_many_calls_at_once() -> None:
    client, peer, _ = login()
    await asyncio.gather(*(client.call("GET", SERVICE) for _ in range(5)))
    assert (peer.given, set(peer.served)) == (1, {"Authorization=T1;"})


@pytest.mark.parametrize(("seconds", "given"), [(569, 1), (570, 2)])
async def test_a_token_without_an_end_is_kept_for_ten_minutes(seconds: int, given: int) -> None:
    client, peer, world = login()
    await client.call("GET", SERVICE)
    await world.clock.advance(seconds)
    await client.call("GET", SERVICE)
    assert peer.given == given


@pytest.mark.parametrize(("seconds", "given"), [(29, 1), (30, 2)])
async def test_a_token_is_renewed_half_a_minute_before_its_end(seconds: int, given: int) -> None:
    client, peer, world = login()
    ends = int(world.clock.now().timestamp()) + 60
    peer.made = lambda number: jwt.encode({"exp": ends + number}, "a key of sixteen bytes, and more")
    await client.call("GET", SERVICE)
    await world.clock.advance(seconds + 1)
    await client.call("GET", SERVICE)
    assert peer.given == given


@pytest.mark.parametrize(
    ("said", "asked"),
    [(answer(404), 1), (answer(429, wait=60.0), 1), (answer(503), 3), (answer(503, wait=60.0), 1)],
)
async def test_what_a_person_has_to_mend_or_told_us_to_wait_is_not_asked_at_once_again(
    said: Answer, asked: int
) -> None:
    client, peer, world = login()
    tries = 0

    def counted() -> Answer:
        nonlocal tries
        tries += 1
        return said

    peer.log_in = counted
    for _ in range(3):
        with pytest.raises(NidDown):
            await client.call("GET", SERVICE)
    assert tries == asked
    peer.log_in = peer.token
    await world.clock.advance(3600)
    assert (await client.call("GET", SERVICE)).status == 200
