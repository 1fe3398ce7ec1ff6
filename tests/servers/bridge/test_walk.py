"""How far a payload walks from the socket to its first stored row: the modules that call one another.

A reader has to follow it in one sitting (ARCHITECTURE.md, the way of a registration).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePath
from types import FrameType
from typing import Any

import pytest

import bridge
from bridge.store.lanes import GroupLane
from tests.servers.bridge.conftest import BIRTH, Stage

HOME = Path(bridge.__file__).parent
LANE = "store/lanes.py"
"""The last stay of all: where a unit of work is handed to the database."""


def stays(innermost: FrameType | None) -> Iterator[str]:
    """The bridge's modules on the stack, from the innermost on; calls inside one are one stay."""
    files, frame = [LANE], innermost
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        files += [path.relative_to(HOME).as_posix()] if path.is_relative_to(HOME) else []
        frame = frame.f_back
    yield from (file for file, _ in groupby(files))


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """One for each write that a request has caused, from the socket on."""
    seen: list[list[str]] = []
    run = GroupLane.run

    async def noted(lane: GroupLane, unit: Any, about: str | None = None) -> Any:
        walk = [*stays(sys._getframe(1))][::-1]
        if walk[0] == "serving.py":
            seen.append(walk)
        return await run(lane, unit, about)

    monkeypatch.setattr(GroupLane, "run", noted)
    return seen


def folders(walk: list[str]) -> set[str]:
    return {str(PurePath(file).parent) for file in walk}


async def test_a_trigger_is_stored_after_few_stays(stage: Stage, walks: list[list[str]]) -> None:
    assert (await stage.trigger(stage.opencrvs.record("birth", BIRTH)))[0] == 202
    walk = walks[0]
    assert walk[:2] == ["serving.py", "handlers/trigger.py"] and walk[-2:] == ["store/store.py", LANE]
    assert len(walk) <= 6 and len(folders(walk)) <= 4, walk


async def test_a_delivery_is_stored_after_few_stays(stage: Stage, walks: list[list[str]]) -> None:
    packet = (await stage.of(await stage.submitted())).packet_id
    walks.clear()
    assert await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet))) == 200
    walk = walks[0]
    assert walk[:2] == ["serving.py", "mosip/callback.py"] and walk[-2:] == ["store/store.py", LANE]
    assert len(walk) <= 7 and len(folders(walk)) <= 4, walk
