"""What several need and one asks for (a log-in, a key): not asked again before the rest after a failure."""

from __future__ import annotations

from dataclasses import replace

from bridge.calls.failure import Failure, FailureKind
from bridge.calls.retry import Backoff, Circuit
from wire.world import World

REFUSED = Backoff(first=2.0, longest=900.0, jitter=0.2)
"""Between questions with a secret that is refused: some lock an account that goes on asking."""


class Resting:
    """Rests grow while it fails, are no shorter than `Retry-After` asked, and are forgotten when it works."""

    def __init__(self, world: World, rest: Backoff = REFUSED) -> None:
        self._world = world
        self._well = Circuit(threshold=1, rest=rest)
        self._circuit, self._failure = self._well, Failure(FailureKind.TRANSIENT, "")

    @property
    def failure(self) -> Failure | None:
        """What was answered last, with the seconds that are left; None when it may be asked again."""
        left = self._circuit.left(self._world.clock.now())
        return replace(self._failure, wait=left) if left else None

    def failed(self, failure: Failure) -> None:
        self._failure = failure
        now, chance = self._world.clock.now(), self._world.chance.random()
        self._circuit = self._circuit.failed(now, chance, failure.wait)

    def worked(self) -> None:
        self._circuit = self._well
