"""Faults as values: at which seam, what, how often, when. Which seams exist is each server's to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from wire.world import World


class FaultKind(StrEnum):
    """What goes wrong. The first group works at every seam; a server says which of the second it knows."""

    STATUS = "status"
    MALFORMED_BODY = "malformed-body"
    TRUNCATED_BODY = "truncated-body"
    RESET = "reset"
    HANG = "hang"
    SLOW = "slow"

    MOSIP_ERROR = "mosip-error"
    EMPTY_RESPONSE = "empty-response"
    WRONG_SIGNATURE = "wrong-signature"
    NO_SIGNATURE = "no-signature"
    WRONG_KEY = "wrong-key"
    WRONG_PROOF = "wrong-proof"
    WRONG_TOPIC = "wrong-topic"
    EXPIRED_TOKEN = "expired-token"
    DUPLICATE = "duplicate"
    LOSE = "lose"


GENERIC = frozenset(
    {
        FaultKind.STATUS,
        FaultKind.MALFORMED_BODY,
        FaultKind.TRUNCATED_BODY,
        FaultKind.RESET,
        FaultKind.HANG,
        FaultKind.SLOW,
    }
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    `count` times at most (None: always), after letting `skip` pass, with `probability`, inside the window
    `since`–`until`, only for `record` when one is named. `status`, `body`, `seconds`, `code` and `message`
    say how, as far as the kind uses them.
    """

    seam: str
    kind: FaultKind
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    since: datetime | None = None
    until: datetime | None = None
    record: str | None = None
    status: int = 503
    body: str = ""
    seconds: float = 30.0
    code: str = ""
    message: str = ""

    def __str__(self) -> str:
        how = f" {self.status}" if self.kind is FaultKind.STATUS else f" {self.code}" if self.code else ""
        return f"{self.kind}{how} at {self.seam}"


@dataclass
class _Armed:
    number: int
    fault: Fault
    met: int = 0
    struck: int = 0


@dataclass
class Faults:
    """The faults that wait at a server's seams. `seams` maps each seam to the kinds that it can play."""

    world: World
    seams: dict[str, frozenset[FaultKind]]
    _armed: list[_Armed] = field(default_factory=list)
    _count: int = 0

    def add(self, fault: Fault) -> int:
        """Arm a fault and return its number; ValueError names what the server offers instead."""
        kinds = self.seams.get(fault.seam)
        if kinds is None:
            raise ValueError(f"no seam is called {fault.seam!r}; there are: {', '.join(sorted(self.seams))}")
        if fault.kind not in kinds:
            raise ValueError(
                f"seam {fault.seam} cannot play {fault.kind}; it can: {', '.join(sorted(kinds))}"
            )
        self._count += 1
        self._armed.append(_Armed(self._count, fault))
        return self._count

    def strike(
        self, seam: str, records: Iterable[str] = (), kinds: frozenset[FaultKind] | None = None
    ) -> Fault | None:
        """The fault that strikes now at `seam`, if any; it is counted as used. `kinds`: only one of these."""
        if not self._armed:
            return None
        now = self.world.clock.now()
        concerned = frozenset(records)
        for armed in self._armed:
            if kinds is not None and armed.fault.kind not in kinds:
                continue
            if not _applies(armed, seam, now, concerned):
                continue
            armed.met += 1
            if armed.met <= armed.fault.skip:
                continue
            if armed.fault.probability < 1 and self.world.chance.random() >= armed.fault.probability:
                continue
            armed.struck += 1
            return armed.fault
        return None

    @property
    def armed(self) -> bool:
        """Whether any fault waits, at whatever seam."""
        return bool(self._armed)

    def listed(self) -> list[tuple[int, Fault, int]]:
        """Number, fault and how often it struck, in the order of arming."""
        return [(armed.number, armed.fault, armed.struck) for armed in self._armed]

    def remove(self, number: int) -> bool:
        """Disarm one; False when there is none of that number."""
        before = len(self._armed)
        self._armed = [armed for armed in self._armed if armed.number != number]
        return len(self._armed) < before

    def clear(self, seam: str | None = None) -> None:
        """Disarm all, or all at one seam."""
        self._armed = [armed for armed in self._armed if seam is not None and armed.fault.seam != seam]


def _applies(armed: _Armed, seam: str, now: datetime, records: frozenset[str]) -> bool:
    fault = armed.fault
    return (
        fault.seam == seam
        and (fault.count is None or armed.struck < fault.count)
        and (fault.since is None or fault.since <= now)
        and (fault.until is None or now < fault.until)
        and (fault.record is None or fault.record in records)
    )


def always(fault: Fault) -> Fault:
    """The same fault without an end of its own: it strikes until it is removed."""
    return replace(fault, count=None)
