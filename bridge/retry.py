"""When to try again, when to give up, and when to leave a destination alone. Pure decisions.

Instants are aware datetimes, durations seconds; chance comes in as a float so that the same input decides
alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Backoff:
    """Waits grow by `factor` from `first` to `longest`; `jitter` is the part of a wait that chance may take
    off.

    After `give_up_after` seconds since the first failure of the task the registration is stuck.
    """

    first: float = 2.0
    factor: float = 2.0
    longest: float = 900.0
    jitter: float = 0.3
    give_up_after: float = 3 * 86400.0

    def wait(self, attempt: int, chance: float) -> float:
        """Seconds to wait after failure number `attempt` (from 1); `chance` in [0, 1)."""
        # the exponent is bounded so that a month of attempts does not overflow
        whole = min(self.longest, self.first * self.factor ** min(attempt - 1, 40))
        return whole * (1 - self.jitter * chance)

    def given_up(self, first_failure: datetime | None, now: datetime) -> bool:
        return first_failure is not None and now - first_failure >= timedelta(seconds=self.give_up_after)


@dataclass(frozen=True)
class Circuit:
    """Whether a destination is asked at all: after `threshold` failures in a row it rests, then one probe
    goes.

    `open_until` None: closed. While open, due work of that destination stays where it is and costs no
    attempt.
    """

    threshold: int = 5
    rest: Backoff = Backoff(first=5.0, longest=120.0, jitter=0.2)
    failures: int = 0
    open_until: datetime | None = None

    def allows(self, now: datetime) -> bool:
        return self.open_until is None or now >= self.open_until

    def probing(self) -> bool:
        """Whether the next call is a probe: one at a time until it succeeds."""
        return self.open_until is not None

    def succeeded(self) -> Circuit:
        return replace(self, failures=0, open_until=None)

    def failed(self, now: datetime, chance: float) -> Circuit:
        failures = self.failures + 1
        if failures < self.threshold:
            return replace(self, failures=failures)
        if self.open_until is not None and now < self.open_until:
            return replace(self, failures=failures)  # a call that was under way when the circuit opened
        wait = self.rest.wait(failures - self.threshold + 1, chance)
        return replace(self, failures=failures, open_until=now + timedelta(seconds=wait))
