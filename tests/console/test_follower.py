"""The console goes on after what nobody thought of: its loops are those that outlive their work."""

from __future__ import annotations

from scenarios.console import systems
from scenarios.console.follower import Follower
from scenarios.console.reading import Reader, SystemsView
from scenarios.console.session import FrameLog
from wire.world import World


class _Reader(Reader):
    """Fails once, then sees nothing."""

    mocks = ()

    def __init__(self) -> None:
        self.asked = 0

    async def look(self) -> SystemsView:
        self.asked += 1
        raise RuntimeError("nobody thought of this")


async def test_follower_asks_again_after_any_failure() -> None:
    world, reader = World.virtual(), _Reader()

    async def queues() -> list[dict[str, object]]:
        return []

    follower = Follower(systems.Systems.__new__(systems.Systems), reader, FrameLog(10), world, queues, 1.0)
    follower.start()
    await world.clock.advance(10)
    await follower.close()
    assert reader.asked > 2
