"""Tries that fail move the circuit of their destination."""

from __future__ import annotations

from bridge.registration import State
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.queued import queued

HOUR, DAY = 3600.0, 86400.0


async def test_an_id_system_that_is_down_is_not_hammered(stage: Stage) -> None:
    stage.mosip.down = True
    events = [await queued(stage) for _ in range(30)]
    before = sum(stage.mosip.asked.values())
    await stage.world.clock.advance(6 * HOUR)
    assert sum(stage.mosip.asked.values()) - before < 400
    stage.mosip.down = False
    await stage.world.clock.advance(HOUR)
    assert {(await stage.of(event)).state for event in events} == {State.SUBMITTED}
