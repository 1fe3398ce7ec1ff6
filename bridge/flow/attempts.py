"""What tries of due work come to: they move the circuit of their destination, and tell of faults."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bridge.calls.channels import Channels, channel_of
from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.calls.retry import Circuit
from bridge.registration import DESTINATION, Destination, NotAllowed, Registration
from bridge.store.due_work import DueWork
from bridge.store.lanes import StoreClosed, StoreTrouble
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces

_LATELY, _RECENT = timedelta(minutes=1), 10_000


class Later(Failed):
    """The other side answered, and the work cannot be done yet; costs the destination's circuit nothing."""


class Attempts:
    """Of one process. `attempted` is told of each, with its outcome: done, failed, later, error."""

    def __init__(
        self,
        due_work: DueWork,
        world: World,
        channels: Channels,
        attempted: Callable[[Destination, str], None],
        traces: Traces | None,
    ) -> None:
        self._due_work, self._world, self._channels = due_work, world, channels
        self._attempted, self._traces = attempted, traces
        self._done: dict[Destination, deque[datetime]] = {d: deque(maxlen=_RECENT) for d in Destination}
        self._log = structlog.get_logger("bridge.flow.outbox")
        self.circuits = {destination: Circuit() for destination in Destination}

    def speed(self, destination: Destination) -> float:
        """Pieces of work that this process got done there a second, in the last minute."""
        since = self._world.clock.now() - _LATELY
        done = self._done[destination]
        counted = sum(at > since for at in done)
        span = _LATELY if counted < _RECENT else self._world.clock.now() - done[0]
        return counted / max(span.total_seconds(), 1.0)

    async def outcome(self, about: Sequence[Registration], work: Awaitable[None]) -> Failure | None:
        """None when the work was done; else what went wrong. Moves the destination's circuit."""
        assert about[0].task is not None
        destination, channel = DESTINATION[about[0].task], channel_of(about[0])
        began = self._world.clock.now()
        try:
            await work
        except Later as later:
            self._succeeded(destination)
            self._channels.failed(channel, later.failure)
            self._tried(about, began, "later", later.failure)
            return later.failure
        except Failed as failed:
            # what holds some (deaths that nobody provides for) leaves the destination to the others
            if about[0].held is None or failed.failure.kind is not FailureKind.CHANNEL:
                self._failed(destination, failed.failure)
            self._channels.failed(channel, failed.failure)
            self._tried(about, began, "failed", failed.failure)
            return failed.failure
        except (StoreClosed, StoreTrouble):
            raise
        except NotAllowed as late:
            # an answer or an operator was faster than this job
            self._log.info("overtaken", why=str(late))
        except Exception as error:  # noqa: BLE001 - one record's trouble must not end the others
            ids = [registration.id for registration in about]
            self._log.exception("unexpected error", destination=destination, registrations=ids)
            failure = Failure(FailureKind.TRANSIENT, f"unexpected {type(error).__name__}")
            self._tried(about, began, "error", failure)
            return failure
        self._succeeded(destination)
        self._tried(about, began, "done")
        self._done[destination].append(self._world.clock.now())
        if self._channels.worked(channel):
            await self._due_work.release(about[0].task, about[0].process)
        return None

    def _tried(
        self, about: Sequence[Registration], began: datetime, outcome: str, failure: Failure | None = None
    ) -> None:
        assert about[0].task is not None
        self._attempted(DESTINATION[about[0].task], outcome)
        if self._traces is not None:
            for registration in about:
                self._traces.attempt(registration, began, outcome, failure)

    def _failed(self, destination: Destination, failure: Failure) -> None:
        before = self.circuits[destination]
        now = self._world.clock.now()
        after = before.failed(now, self._world.chance.random(), failure.wait)
        self.circuits[destination] = after
        if after.probing() and not before.probing():
            self._log.warning("destination rests", destination=destination, until=str(after.open_until))

    def _succeeded(self, destination: Destination) -> None:
        before = self.circuits[destination]
        after = self.circuits[destination] = before.succeeded(self._world.clock.now())
        if before.probing() and not after.probing():
            self._log.info("destination is back", destination=destination)
