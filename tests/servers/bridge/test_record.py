"""Packet ids that meet: ten drawn digits are few in the long run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.flow.record import DRAWS
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from tests.servers.bridge.queued import queued
from wire.keyfolder import KeyFolder

PREFIX = {"packet_id_style": "prefix"}


@pytest.fixture(params=["sqlite", "postgresql"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Stage]:
    more: dict[str, Any] = {}
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        more = {"database_url": postgres.get_uri()}
    stage = await set_up(tmp_path, keys, **PREFIX, **more)
    yield stage
    await stage.close()


@pytest.fixture
def drawn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What chance gives for ten digits, in turn; the last one for ever."""
    digits: list[str] = ["0000000001"]
    whole = stage.world.chance.digits

    def repeat(count: int) -> str:
        return whole(count) if count != 10 else digits.pop(0) if len(digits) > 1 else digits[0]

    monkeypatch.setattr(stage.world.chance, "digits", repeat)
    return digits


async def test_id_that_is_taken_is_drawn_again(stage: Stage, drawn: list[str]) -> None:
    first = await stage.of(await queued(stage))
    drawn[:] = ["0000000001", "0000000001", "0000000002"]
    second = await stage.of(await queued(stage))
    assert [first.packet_id, second.packet_id] == ["100010000000001", "100010000000002"]
    assert set(stage.mosip.started) == {first.packet_id, second.packet_id}


async def test_chance_that_only_repeats_is_answered_503_and_nothing_is_recorded(
    stage: Stage, drawn: list[str]
) -> None:
    await queued(stage)
    asked: Iterator[int] = iter(range(2 * DRAWS))
    give = stage.world.chance.digits
    stage.world.chance.digits = lambda count: (next(asked), give(count))[1]  # type: ignore[method-assign]
    event = stage.opencrvs.record("birth", BIRTH)
    status, said = await stage.trigger(event)
    assert (status, said["title"], next(asked)) == (503, "No free packet id", DRAWS)
    assert len(await stage.running.store.listings.pending()) == 1
    drawn[:] = ["0000000003"]
    assert (await stage.trigger(event))[0] == 202


@pytest.mark.parametrize("mode", ["sync"])
async def test_synchronous_question(stage: Stage, drawn: list[str], mode: str) -> None:
    await queued(stage)
    await stage.restart(kill=False, mode=mode)
    drawn[:] = ["0000000001", "0000000002"]
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 200
    assert (await stage.of(event)).packet_id == "100010000000002"
