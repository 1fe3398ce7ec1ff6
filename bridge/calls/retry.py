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
    attempt. `pace` is how the rests grow of one that answers and asks for less.
    """

    threshold: int = 5
    rest: Backoff = Backoff(first=5.0, longest=120.0, jitter=0.2)
    pace: Backoff = Backoff(first=1.0, longest=60.0)
    failures: int = 0
    opened_at: datetime | None = None
    open_until: datetime | None = None

    def allows(self, now: datetime) -> bool:
        return self.left(now) == 0

    def probing(self) -> bool:
        """Whether the next call is a probe: one at a time until it succeeds."""
        return self.open_until is not None

    def left(self, now: datetime) -> float:
        """Seconds that the rest lasts yet; none when the clock has been put back behind its beginning."""
        if self.open_until is None or self.opened_at is None or now < self.opened_at:
            return 0.0
        return max(0.0, (self.open_until - now).total_seconds())

    def rested(self, now: datetime) -> Circuit:
        """The same when its rest is over."""
        return replace(self, open_until=now) if self.left(now) else self

    def succeeded(self, now: datetime) -> Circuit:
        """A call that was under way when the rest began does not end it."""
        if not self.failures and self.open_until is None:
            return self
        if self.left(now):
            return replace(self, failures=0)
        return replace(self, failures=0, opened_at=None, open_until=None)

    def failed(self, now: datetime, chance: float, asked: float | None = None) -> Circuit:
        """`asked`: the seconds that the destination itself asked for, which begin a rest at once; when it
        goes on asking they grow.
        """
        if self.left(now):
            # a call that was under way when the rest began
            until = now + timedelta(seconds=asked or 0.0)
            return replace(self, open_until=max(until, self.open_until or until))
        failures = self.failures + 1
        if asked is not None:
            wait = max(asked, self.pace.wait(failures - 1, chance) if failures > 1 else 0.0)
        elif failures < self.threshold:
            return replace(self, failures=failures)
        else:
            wait = self.rest.wait(failures - self.threshold + 1, chance)
        until = now + timedelta(seconds=wait)
        return replace(self, failures=failures, opened_at=now, open_until=until)
