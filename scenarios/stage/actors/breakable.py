"""A mock that a story can break: faults at its seams, or everything down at once."""

from __future__ import annotations

from typing import Any

from scenarios.events import Lane
from scenarios.stage.desk import Desk
from testbed.faults import Fault, FaultKind, Faults


class Breakable:
    """Faults as a story speaks of them."""

    def __init__(self, desk: Desk, lane: Lane, faults: Faults, keep_up: frozenset[str] = frozenset()) -> None:
        self._desk, self._lane, self._faults = desk, lane, faults
        self._keep_up = keep_up
        """Seams that stay in order when the system is down: they are its calls to others."""
        self._down: list[int] = []

    def breaks(self, seam: str, kind: FaultKind | str, **how: Any) -> int:
        """Arm one fault; `how` are the fields of `testbed.faults.Fault` (count, status, code, seconds, …)."""
        fault = Fault(seam, FaultKind(kind), **how)
        many = {None: "from now on", 1: "once"}.get(fault.count, f"{fault.count} times")
        self._desk.says(self._lane, f"will fail {many}: {fault}")
        return self._faults.add(fault)

    def mends(self, seam: str | None = None) -> None:
        """Take the faults away: all, or those of one seam."""
        self._faults.clear(seam)
        self._down.clear()
        self._desk.says(self._lane, "works again" + (f" at {seam}" if seam else ""))

    def calm(self) -> None:
        """Take all faults away without a word: the story is over."""
        self._faults.clear()
        self._down.clear()

    def goes_down(self) -> None:
        """Cut every connection until `comes_back`."""
        self._desk.says(self._lane, "goes down")
        self._down = [
            self._faults.add(Fault(seam, FaultKind.RESET, count=None))
            for seam, kinds in self._faults.seams.items()
            if FaultKind.RESET in kinds and seam not in self._keep_up
        ]

    def comes_back(self) -> None:
        for number in self._down:
            self._faults.remove(number)
        self._down.clear()
        self._desk.says(self._lane, "is back")
