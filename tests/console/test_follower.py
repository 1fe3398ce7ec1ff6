"""The console goes on after what nobody thought of: its loops are those that outlive their work."""

from __future__ import annotations

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
