"""The ID system is down for six hours while registrations go on; afterwards nobody has to lend a hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage

HOUR = 3600.0


async def test_backlog_of_six_hours_is_confirmed_by_itself(stage: Stage, pytestconfig: pytest.Config) -> None:
    count = pytestconfig.getoption("--outage-registrations")
    stage.mosip.down = True
    before = sum(stage.mosip.asked.values())
    events: list[dict[str, Any]] = []
    for _ in range(0, count, 50):
        some = [stage.opencrvs.record("birth", BIRTH) for _ in range(50)]
        answers = await asyncio.gather(*(stage.trigger(event) for event in some))
        assert {status for status, _ in answers} == {202}
        events += some
    await stage.world.clock.advance(6 * HOUR)
    assert sum(stage.mosip.asked.values()) - before < 500  # it was not hammered
    assert ((await stage.running.way.outlook.now()).backlog.counts) == {"QUEUED": len(events)}

    stage.mosip.down = False
    await stage.world.clock.advance(0.5 * HOUR)
    assert ((await stage.running.way.outlook.now()).backlog.counts) == {"SUBMITTED": len(events)}

    vids: dict[str, str] = {}
    for number, event in enumerate(events):
        rid = (await stage.of(event)).packet_id
        vids[event["id"]] = vid = f"{4703420631000000 + number}"
        if number % 2:  # the hub lost this message
            stage.mosip.standing[rid] = "UIN_GENERATED"
            stage.mosip.identities[rid] = {"UIN": f"{4238000000 + number}"}
            stage.mosip.vids[f"{4238000000 + number}"] = vid
        else:
            body = stage.mosip.event(rid, stage.mosip.credential(rid, VID=vid))
            assert await stage.mosip.deliver(stage.callback, body) == 200
    await stage.world.clock.advance(3 * HOUR)
    assert await stage.running.store.listings.pending() == []
    for event in events:
        [accepted] = stage.opencrvs.accepted(event)
        assert accepted["declaration"] == {"child.nid": vids[event["id"]]}
        assert accepted["registrationNumber"] == f"2026B{event['trackingId']}"
        assert (await stage.of(event)).state is State.CONFIRMED
