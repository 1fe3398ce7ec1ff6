"""The console goes on after what nobody thought of: its loops are those that outlive their work."""

from __future__ import annotations

import asyncio

import pytest

from scenarios.console.follower import Follower
from scenarios.console.reading import Reader, SystemsView
from scenarios.console.session import FrameLog
from tests.console.conftest import House
from wire.world import World


class _Reader(Reader):
    """Sees nothing, and fails at it."""

    def __init__(self, house: House) -> None:
        super().__init__(house.servers, house.console._http, World.virtual(), None)
        self.asked = 0

    async def look(self) -> SystemsView:
        self.asked += 1
        raise RuntimeError("nobody thought of this")


@pytest.mark.asyncio(loop_scope="module")
async def test_follower_asks_again_after_any_failure(house: House) -> None:
    reader = _Reader(house)

    async def queues() -> list[dict[str, object]]:
        return []

    follower = Follower(reader, FrameLog(10), queues, 1.0)
    follower.start()
    for _ in range(10):
        await reader.world.clock.advance(1)
    await follower.close()
    assert reader.asked > 2


class _SlowReader(Reader):
    """Numbers its looks in the place of the time; the first of them ends when it is told to."""

    def __init__(self, house: House) -> None:
        super().__init__(house.servers, house.console._http, World.virtual(), None)
        self.begun, self.end = asyncio.Event(), asyncio.Event()
        self.asked = 0

    async def look(self) -> SystemsView:
        self.asked += 1
        seen = SystemsView(str(self.asked))
        if self.asked == 1:
            self.begun.set()
            await self.end.wait()
        return seen


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("between", ["another look", "a new beginning"])
async def test_a_look_that_ends_late_shows_nothing_old(house: House, between: str) -> None:
    async def queues() -> list[dict[str, object]]:
        return []

    reader, log = _SlowReader(house), FrameLog(10)
    follower = Follower(reader, log, queues, 1.0)
    late = asyncio.create_task(follower.look())
    await reader.begun.wait()
    if between == "another look":
        await follower.look()
    else:
        follower.forget()
    shown = log.picture
    reader.end.set()
    assert (await late)["at"] == "1"
    assert log.picture == shown
    await follower.look()
    assert log.picture is not None and log.picture["at"] == str(reader.asked)
