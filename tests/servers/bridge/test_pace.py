"""A destination gets work at the pace that is set, of all replicas together; nothing is refused."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from pydantic import ValidationError

from bridge.app import Running, start
from bridge.registration import State
from bridge.settings import Settings
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.gateways import waits
from tests.servers.bridge.queued import queued
from tests.servers.bridge.test_channels import listed, ready
from tests.servers.bridge.test_postgres import replicas

__all__ = ["replicas"]


class Strict:
    """Takes so many calls in any second, and answers 429 beyond; notes when each came."""

    def __init__(self, stage: Stage, rate: int) -> None:
        self._clock, self._rate, self._came = stage.world.clock, rate, deque[float]()
        self.refused = 0

    def __bool__(self) -> bool:
        now = self._clock.now().timestamp()
        while self._came and self._came[0] <= now - 1:
            self._came.popleft()
        self._came.append(now)
        return len(self._came) > self._rate

    def pop(self, _at: int) -> Any:
        self.refused += 1
        return waits("1")


async def outage(stage: Stage, count: int) -> list[dict[str, Any]]:
    stage.mosip.down = True
    events = [stage.opencrvs.record("birth", BIRTH) for _ in range(count)]
    for at in range(0, count, 50):
        await asyncio.gather(*(stage.trigger(event) for event in events[at : at + 50]))
    await stage.world.clock.advance(3600)
    return events


@pytest.mark.parametrize("stage", [{"rate": "nid=20", "in_flight": "nid=8"}], indirect=True)
async def test_after_an_outage_nothing_is_refused_and_all_are_confirmed(
    stage: Stage, pytestconfig: pytest.Config
) -> None:
    count = pytestconfig.getoption("--drain-registrations")
    events = await outage(stage, count)
    told = (await ready(stage))["drain"]
    assert told == [{"destination": "nid", "waiting": told[0]["waiting"], "seconds": told[0]["waiting"] / 20}]
    create, process = Strict(stage, 21), Strict(stage, 21)
    stage.mosip.faults |= {"createPacket": create, "workflowinstance": process}  # type: ignore[dict-item]
    stage.mosip.down = False
    await stage.world.clock.advance(125)  # the rest of the destination
    while (await stage.running.way.outlook.now()).backlog.counts != {"SUBMITTED": count}:
        await stage.world.clock.advance(30)
        assert (
            stage.world.clock.now() - (await stage.of(events[0])).received_at
        ).total_seconds() < 8000 + count
    assert (create.refused, process.refused) == (0, 0)
    for event in events:
        packet = (await stage.of(event)).packet_id
        assert (
            await stage.mosip.deliver(
                stage.callback, stage.mosip.event(packet, stage.mosip.credential(packet))
            )
            == 200
        )
    await stage.world.clock.advance(60)
    assert await stage.running.store.listings.pending() == []


@pytest.mark.parametrize("stage", [{"rate": "nid=5"}], indirect=True)
async def test_new_ones_go_fairly_between_and_the_oldest_first(stage: Stage) -> None:
    await outage(stage, 100)
    stage.mosip.down = False
    while not ((await stage.running.way.outlook.now()).backlog.counts).get("SUBMITTED"):
        await stage.world.clock.advance(1)  # the rest of the destination
    before = stage.mosip.asked["createPacket"]
    new = [await queued(stage) for _ in range(3)]
    await stage.world.clock.advance(4)
    assert {(await stage.of(event)).state for event in new} == {State.SUBMITTED}
    assert stage.mosip.asked["createPacket"] - before <= 24
    assert ((await stage.running.way.outlook.now()).backlog.counts)["QUEUED"] > 0


@pytest.mark.parametrize("stage", [{"rate": "opencrvs=50"}], indirect=True)
async def test_each_destination_has_its_own(stage: Stage) -> None:
    before = stage.world.clock.now()
    for _ in range(20):
        await queued(stage)
    assert (await stage.running.way.outlook.now()).backlog.counts == {
        "SUBMITTED": 20
    } and stage.world.clock.now() == before


@pytest.mark.parametrize("stage", [{"rate": "nid=2"}], indirect=True)
async def test_time_to_drain_is_told(stage: Stage) -> None:
    for _ in range(21):
        await queued(stage)
    url = f"{stage.running.mediator_url}/metrics"
    async with ClientSession() as session, session.get(url) as answer:
        text = await answer.text()
    assert 'bridge_due{destination="nid"} 20.0' in text
    assert 'bridge_drain_seconds{destination="nid"} 10.0' in text
    assert len(await listed(stage)) == 21


async def test_replicas_keep_one_pace_together(replicas: tuple[Stage, Running]) -> None:
    stage, second = replicas
    await second.close()
    await stage.restart(kill=False, rate="nid=10", in_flight="nid=6")
    other = await start(Settings(**stage.settings), stage.world)
    try:
        strict = Strict(stage, 11)
        stage.mosip.faults["createPacket"] = strict  # type: ignore[assignment]
        for bridge in (stage.running, other) * 15:
            stage.running, kept = bridge, stage.running
            await queued(stage)
            stage.running = kept
        await stage.world.clock.advance(60)
        assert (await stage.running.way.outlook.now()).backlog.counts == {"SUBMITTED": 30}
        assert strict.refused == 0
    finally:
        await other.close()


@pytest.mark.parametrize("given", ["nid", "nid=", "nid=0", "mosip=5", "nid=fast", "nid=-1", "nid=5;hub=3"])
@pytest.mark.parametrize("setting", ["rate", "in_flight"])
def test_what_is_no_pace_is_refused_at_the_start(setting: str, given: str) -> None:
    with pytest.raises(ValidationError, match="as nid=20"):
        Settings(**{setting: given})


Answer = Callable[[], web.Response]


class Bucket:
    """Takes so many calls a second, answers 429 beyond."""

    def __init__(self, stage: Stage, rate: int) -> None:
        self._clock, self._rate, self._second, self._taken = stage.world.clock, rate, 0, 0
        self.refused = 0

    def __bool__(self) -> bool:
        second = int(self._clock.now().timestamp())
        if second != self._second:
            self._second, self._taken = second, 0
        self._taken += 1
        return self._taken > self._rate

    def pop(self, _at: int) -> Answer:
        self.refused += 1
        return waits("1")


async def test_slow_id_system_gets_its_pace_and_every_registration_its_end(stage: Stage) -> None:
    bucket = Bucket(stage, 20)
    stage.mosip.faults["createPacket"] = bucket  # type: ignore[assignment]
    events = [stage.opencrvs.record("birth", BIRTH) for _ in range(100)]
    for at in range(0, 100, 50):
        await asyncio.gather(*(stage.trigger(event) for event in events[at : at + 50]))
    await stage.world.clock.advance(60)
    assert (await stage.running.way.outlook.now()).backlog.counts == {"SUBMITTED": 100}
    assert bucket.refused < 200
    for event in events:
        packet = (await stage.of(event)).packet_id
        body = stage.mosip.event(packet, stage.mosip.credential(packet))
        assert await stage.mosip.deliver(stage.callback, body) == 200
    await stage.world.clock.advance(30)
    assert await stage.running.store.listings.pending() == []
