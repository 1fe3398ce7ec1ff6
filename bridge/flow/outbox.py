"""Durable work: takes what is due, does it, and tries again later. One pump and one circuit per destination.

What the work is, is the worker's (work.py); when to try again is decided in postpone.py. Work lies in the
store, so that a crash loses nothing: a lease that runs out makes it due again.

Fair: what has been due longest goes first. New work may begin at once, past the store, only while nothing
that is due waits there; otherwise it is stored and takes its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars

from bridge.calls.channels import Channels, channel_of
from bridge.calls.failure import Failure
from bridge.calls.retry import Backoff, Circuit
from bridge.flow.attempts import Attempts
from bridge.flow.schedule import Schedule
from bridge.registration import DESTINATION, NEEDS, Destination, Registration, Secrets, Task
from bridge.settings import Settings
from bridge.store.lanes import StoreClosed, StoreTrouble
from bridge.store.store import Store
from wire.background import Loop
from wire.world import World

if TYPE_CHECKING:
    pass

STATUS_BATCH = 100


class Worker(Protocol):
    """Who knows what a task is."""

    async def work(self, registration: Registration, secrets: Secrets) -> None:
        """Do the task of one registration; Failed, or Later, when it must be tried again."""

    async def poll(self, registrations: Sequence[Registration]) -> None:
        """Ask where these packets stand, in one call."""

    async def postpone(self, registration: Registration, failure: Failure) -> None:
        """Note a failed attempt: due again later, held, or stuck."""


class Outbox:
    """Pumps and jobs of one process. `start` begins the pumps with who does the work, `close` ends them when
    the jobs are done.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        world: World,
        schedule: Schedule,
        channels: Channels,
        attempts: Attempts,
    ) -> None:
        self._store, self._world, self._schedule, self._channels = store, world, schedule, channels
        self._attempts, self._circuits = attempts, attempts.circuits
        self._lease, self._paces = settings.lease_seconds, settings.paces
        self._log = structlog.get_logger("bridge.flow.outbox")
        self._storing = Circuit(threshold=1, rest=Backoff(first=1.0, longest=60.0))
        """Of the store: nobody is asked while nobody could note the answer."""
        self._concurrency = settings.concurrency
        self._free = dict.fromkeys(Destination, self._concurrency)
        self._worker: Worker | None = None
        self.pumps: dict[Destination, Loop] = {}
        self._latest = dict.fromkeys(Destination, datetime.min.replace(tzinfo=UTC))
        """When each pump looked last; a look before that means that the clock was put back."""
        self._jobs: set[asyncio.Task[None]] = set()
        self._closing = False
        # a shared store gets work from other replicas without a word to us; an own one tells of all of it
        self._nap = 5.0 if store.shared else 86400.0

    def start(self, worker: Worker) -> None:
        self._worker = worker
        self.pumps = {d: self._pump(d) for d in Destination}
        for pump in self.pumps.values():
            pump.start()

    def _pump(self, destination: Destination) -> Loop:
        tasks = [task for task, to in DESTINATION.items() if to is destination]
        round, woken = partial(self._round, destination, tasks), self._schedule.woken[destination]
        return Loop(f"pump {destination}", self._world.clock, round, ends=(StoreClosed,), woken=woken)

    def reserve(self, task: Task) -> float | None:
        """Seconds of lease when a job may begin at once, so that the row need not be claimed; else None."""
        destination = DESTINATION[task]
        if self._worker is None or self._closing or self._free[destination] <= 0:
            return None
        if destination in self._paces or self._schedule.is_behind(destination):
            return None
        if self._circuits[destination].probing() or self._storing.probing():
            return None
        self._free[destination] -= 1
        return self._lease

    def release(self, task: Task) -> None:
        """Give a reservation back that was not used."""
        self._make_room(DESTINATION[task])

    def begin(self, registration: Registration, secrets: Secrets) -> None:
        """Do the task now; its slot was reserved and its row is leased."""
        assert registration.task is not None
        self._spawn(DESTINATION[registration.task], [registration], self._job(registration, secrets))

    def try_now(self, registration: Registration) -> None:
        """Somebody says that what it waits for is mended: no rest keeps it from its next try."""
        assert registration.task is not None
        destination = DESTINATION[registration.task]
        self._channels.mended(channel_of(registration))
        self._circuits[destination] = self._circuits[destination].rested(self._world.clock.now())
        self._schedule.woken[destination].set()

    async def close(self, seconds: float = 30.0) -> None:
        """Take no more work, finish what is under way."""
        self._closing = True
        for pump in self.pumps.values():
            await pump.close()
        if self._jobs:
            try:
                async with self._world.clock.timeout(seconds):
                    await asyncio.gather(*self._jobs, return_exceptions=True)
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """Abandon everything at once; the leases in the store run out by themselves."""
        self._closing = True
        for pump in self.pumps.values():
            await pump.close()
        jobs = list(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _round(self, destination: Destination, tasks: list[Task]) -> float:
        """Begin what is due; returns how long the pump may sleep."""
        self._schedule.looking(destination)
        seconds = await self._begin_due(destination, tasks)
        if seconds > 0:
            by_itself = self._world.clock.now() + timedelta(seconds=seconds)
            self._schedule.looks_by_itself(destination, by_itself)
        return seconds

    async def _begin_due(self, destination: Destination, tasks: list[Task]) -> float:
        now = self._world.clock.now()
        if now < self._latest[destination]:
            await self._store.due_work.clock_went_back()
        self._latest[destination] = now
        circuit = self._circuits[destination]
        if (left := max(circuit.left(now), self._storing.left(now))) > 0:
            self._schedule.fell_behind(destination)
            return left
        probing = circuit.probing() or self._storing.probing()
        room = min(self._free[destination], 1) if probing else self._free[destination]
        if room <= 0 or (probing and self._busy(destination)):
            self._schedule.fell_behind(destination)
            return self._nap
        batch = STATUS_BATCH if destination is Destination.STATUS else room
        pace = self._paces.get(destination)
        paced = None if pace is None else (destination.value, pace)
        items, wait = await self._store.due_work.claim(tasks, batch, self._lease, paced)
        if items and destination is Destination.STATUS:
            self._free[destination] -= 1
            self._spawn(destination, items, self._poll_job(items))
        elif items:
            for item in items:
                self._free[destination] -= 1
                self._spawn(destination, [item], self._job(item))
        if wait or len(items) == batch:
            self._schedule.fell_behind(destination)
            return wait
        self._schedule.caught_up(destination)
        due = await self._store.due_work.next_due(tasks)
        return self._nap if due is None else min(self._nap, max(0.001, (due - now).total_seconds()))

    def _busy(self, destination: Destination) -> bool:
        return self._free[destination] < self._concurrency

    def _spawn(
        self, destination: Destination, about: Sequence[Registration], job: Coroutine[Any, Any, None]
    ) -> None:
        self._jobs.add(asyncio.create_task(self._guarded(destination, about, job), name=destination))

    async def _guarded(
        self, destination: Destination, about: Sequence[Registration], job: Coroutine[Any, Any, None]
    ) -> None:
        try:
            await job
            self._storing = self._storing.succeeded(self._world.clock.now())
        except StoreClosed:
            return
        except StoreTrouble as trouble:
            self._store.due_work.abandon(about)
            self._storing = self._storing.failed(self._world.clock.now(), self._world.chance.random())
            self._schedule.fell_behind(destination)
            ids = [registration.id for registration in about]
            self._log.error(
                "not stored: done again when the store is well", registrations=ids, why=str(trouble)
            )
        except Exception:  # noqa: BLE001 - the lease runs out, and then the work is due again
            self._log.exception("work left to its lease", destination=destination)
        finally:
            # before the pump is woken: it must not find this one busy, or nobody wakes it again
            self._jobs.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            self._make_room(destination)

    def _make_room(self, destination: Destination) -> None:
        self._free[destination] += 1
        if self._schedule.is_behind(destination):
            self._schedule.woken[destination].set()

    async def _job(self, registration: Registration, secrets: Secrets | None = None) -> None:
        bind_contextvars(**registration.names)
        assert registration.task is not None and self._worker is not None
        if registration.held is not None and (left := self._channels.rests(channel_of(registration))):
            # the store rounds to milliseconds: not to one in which it still rests
            due = self._world.clock.now() + timedelta(seconds=left, milliseconds=1)
            await self._store.touch(registration, due_at=due)
            return
        if secrets is None:
            secrets = await self._store.lookups.secrets(registration.id, NEEDS[registration.task])
        failure = await self._attempts.outcome([registration], self._worker.work(registration, secrets))
        if failure is not None:
            await self._worker.postpone(registration, failure)

    async def _poll_job(self, registrations: list[Registration]) -> None:
        assert self._worker is not None
        failure = await self._attempts.outcome(registrations, self._worker.poll(registrations))
        if failure is not None:
            ids = [registration.id for registration in registrations]
            self._log.warning("status cannot be asked", why=failure.words, registrations=ids)
            for registration in registrations:
                with bound_contextvars(**registration.names):
                    await self._worker.postpone(registration, failure)
