"""A registration that is queued, and what the ID system says of it."""

from __future__ import annotations

from typing import Any

from tests.servers.bridge.conftest import BIRTH, Stage


async def queued(stage: Stage) -> dict[str, Any]:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    await stage.world.clock.settle()
    return event
