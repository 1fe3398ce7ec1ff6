"""The system's clock and chance, and drawn ids."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.virtual_clock import VirtualClock
from wire.world import SystemClock, World, parse_timestamp, timestamp

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


async def test_the_system_clock_can_be_moved_forward_and_wakes_who_is_due() -> None:
    clock = SystemClock()
    before = clock.now()
    task = asyncio.create_task(clock.sleep(8 * 86400))
    await asyncio.sleep(0)
    await clock.advance(8 * 86400)
    await task
    assert clock.now() - before >= timedelta(days=8)


async def test_a_real_time_limit_passes_when_the_clock_is_moved_over_it() -> None:
    clock = SystemClock()
    async with clock.timeout(3600):
        await clock.advance(3599)
    with pytest.raises(TimeoutError):
        async with clock.timeout(3600):
            await clock.advance(3601)
            await asyncio.Event().wait()


def test_threads_never_draw_the_same_from_the_system() -> None:
    chance = World.system().chance
    with ThreadPoolExecutor(4) as threads:
        drawn = [
            id for ids in threads.map(lambda _: [chance.uuid() for _ in range(5000)], range(4)) for id in ids
        ]
    assert len(set(drawn)) == len(drawn) == 20_000
    assert {len(chance.bytes(count)) for count in (0, 1, 4095, 4096, 4097, 100_000)} == {
        0,
        1,
        4095,
        4096,
        4097,
        100_000,
    }


def test_the_systems_draws_fill_their_range() -> None:
    chance = World.system().chance
    floats = [chance.random() for _ in range(2000)]
    assert 0 <= min(floats) < 0.05 and 0.95 < max(floats) < 1
    assert {chance.integer(1, 6) for _ in range(500)} == {1, 2, 3, 4, 5, 6}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_forked_process_draws_other_ids_than_its_parent() -> None:
    program = """
import os
from wire.world import World
chance = World.system().chance
chance.uuid()
child = os.fork()
os.write(1, f"{chance.uuid()}\\n".encode())  # in one piece: both write to one pipe
if child:
    os.waitpid(child, 0)
"""
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout
    assert len(set(printed.split())) == len(printed.split()) == 2


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        VirtualClock(datetime(2026, 3, 2))


@given(seed=st.integers())
def test_the_same_seed_gives_the_same_ids(seed: int) -> None:
    one, other = World.virtual(START, seed).chance, World.virtual(START, seed).chance
    assert [one.uuid(), one.digits(10), one.alphanumeric(6), one.bytes(12)] == [
        other.uuid(),
        other.digits(10),
        other.alphanumeric(6),
        other.bytes(12),
    ]


def test_drawn_texts_have_their_length_and_all_characters_at_every_place() -> None:
    chance = World.virtual(START).chance
    for draw, among in ((chance.digits, "0123456789"), (chance.alphanumeric, ALPHANUMERIC)):
        drawn = [draw(6) for _ in range(1000)]
        assert {len(text) for text in drawn} == {6}
        assert [{text[at] for text in drawn} for at in range(6)] == [set(among)] * 6


@given(st.datetimes(timezones=st.just(UTC)))
def test_timestamps_are_read_back_to_the_millisecond(instant: datetime) -> None:
    assert instant - parse_timestamp(timestamp(instant)) < timedelta(milliseconds=1)


def test_a_timestamp_has_three_decimals_and_a_z() -> None:
    assert timestamp(datetime(2026, 3, 2, 8, 14, 7, 120_999, tzinfo=UTC)) == "2026-03-02T08:14:07.120Z"
