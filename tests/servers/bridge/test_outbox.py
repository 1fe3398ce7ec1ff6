"""What has been due longest goes first: new registrations do not push in before a backlog."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest

from bridge.calls.channels import Channels
from bridge.flow.attempts import Attempts
from bridge.flow.outbox import Outbox
from bridge.flow.schedule import Schedule
from bridge.nid import NidDown
from bridge.registration import Registration, Secrets, Task
from bridge.settings import Settings
from bridge.store.due_work import DueWork
from bridge.store.store import Store
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.queued import queued
from tests.servers.bridge.test_wait import HOUR
from wire.world import World

OLD, NEW = 60, 60


@pytest.mark.parametrize("stage", [{"concurrency": 4}], indirect=True)
@pytest.mark.parametrize("crash", [False, True], ids=["goes on", "starts again"])
async def test_backlog_is_submitted_before_what_arrives_while_it_is(stage: Stage, crash: bool) -> None:
    stage.mosip.down = True
    old = {(await stage.of(await queued(stage))).packet_id for _ in range(OLD)}
    await stage.world.clock.advance(HOUR)
    assert not stage.mosip.started
    back = asyncio.Event()
    stage.mosip.on_started = back.set
    stage.mosip.down = False
    new = [stage.opencrvs.record("birth", BIRTH) for _ in range(NEW)]
    waiting = iter(new)

    async def arrive() -> None:
        await back.wait()
        for event in waiting:
            assert (await stage.trigger(event))[0] == 202

    arriving = [asyncio.create_task(arrive()) for _ in range(4)]
    if crash:
        await stage.restart(kill=True)
    await stage.world.clock.advance(HOUR / 4)
    await asyncio.gather(*arriving)
    await stage.world.clock.advance(HOUR)
    order = list(stage.mosip.started)
    assert len(order) == OLD + NEW  # nobody starves
    assert len(set(order[: OLD + 4]) & old) >= OLD - 4, "the new ones pushed in"


class Backlog:
    """A store in which work is due, and a worker that finishes a piece when it is told to."""

    shared = False

    def __init__(self, world: World, one: Registration, count: int) -> None:
        self.due = deque(replace(one, id=str(number)) for number in range(count))
        self.at_work: dict[str, asyncio.Future[None]] = {}
        self.done: list[str] = []
        self.clock, self.due_work, self.lookups = world.clock, self, self
        self.on_due: Callable[[Task, datetime], None]

    async def claim(self, tasks: Collection[Task], limit: int, *_: object) -> tuple[list[Any], float]:
        await asyncio.sleep(0)  # as a commit takes its time
        if Task.SUBMIT not in tasks:
            return [], 0.0
        return [self.due.popleft() for _ in range(min(limit, len(self.due)))], 0.0

    async def next_due(self, tasks: Collection[Task]) -> datetime | None:
        return None

    async def secrets(self, id: str, of: object = ()) -> Secrets:
        return Secrets()

    async def work(self, registration: Registration, secrets: Secrets) -> None:
        self.at_work[registration.id] = asyncio.get_running_loop().create_future()
        await self.at_work[registration.id]
        self.done.append(registration.id)

    async def poll(self, registrations: Sequence[Registration]) -> None:
        raise AssertionError("nothing is polled here")

    async def postpone(self, registration: Registration, words: str) -> None:
        self.due.append(registration)
        self.on_due(Task.SUBMIT, self.clock.now())

    def finish(self, error: Exception | None = None) -> None:
        """End the piece that is longest at work."""
        id = next(iter(self.at_work))
        at_work = self.at_work.pop(id)
        at_work.set_result(None) if error is None else at_work.set_exception(error)


@pytest.mark.parametrize("fails", [False, True], ids=["works", "fails now and then"])
async def test_at_no_moment_is_there_a_place_for_new_work_while_old_work_waits(
    stage: Stage, fails: bool
) -> None:
    world = World.virtual()
    one = replace(await stage.of(await queued(stage)), task=Task.SUBMIT)
    backlog = Backlog(world, one, 20)
    schedule, channels = Schedule(world.clock), Channels(world)
    outbox = Outbox(
        Settings(concurrency=3, lease_seconds=60.0),
        cast(Store, backlog),
        world,
        schedule,
        channels,
        Attempts(cast(DueWork, backlog), world, channels, lambda _destination, _outcome: None, None),
    )
    backlog.on_due = schedule.due
    outbox.start(backlog)
    for turn in range(200):
        if backlog.at_work and turn % 2:
            backlog.finish(NidDown("now and then") if fails and turn % 5 == 0 else None)
        for _ in range(5):  # every step of the loop is a moment at which a request may come
            if backlog.due:
                assert outbox.reserve(Task.SUBMIT) is None, f"{len(backlog.due)} wait"
            await asyncio.sleep(0)
    assert backlog.done[:10] == [str(number) for number in range(10)] or fails
    assert not backlog.due and len(backlog.done) == 20
    while backlog.at_work:
        backlog.finish()
    await world.clock.settle()
    assert outbox.reserve(Task.SUBMIT) is not None  # the backlog is gone
    await outbox.kill()
