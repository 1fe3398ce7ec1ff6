"""A mock that a story can break: faults at its seams, or everything down at once."""

from __future__ import annotations

from typing import Any

from scenarios.stage.timeline import Timeline
from scenarios.story import Actor
from testbed.faults import Fault, FaultKind, Faults


class Breakable:
    """Faults as a story speaks of them."""

    def __init__(
        self,
        timeline: Timeline,
        actor: Actor,
        faults: Faults,
        keep_up: frozenset[str] = frozenset(),
    ) -> None:
        self._timeline, self._actor, self._faults = timeline, actor, faults
        self._keep_up = keep_up
        """Seams that stay in order when the system is down: they are its calls to others."""
        self._down: list[int] = []

    def breaks(self, seam: str, kind: FaultKind | str, **how: Any) -> int:
        """Arm one fault; `how` are the fields of `testbed.faults.Fault` (count, status, code, seconds, …)."""
        fault = Fault(**{"seam": seam, "kind": kind, **how})
        many = {None: "from now on", 1: "once"}.get(fault.count, f"{fault.count} times")
        self._timeline.says(self._actor, f"will fail {many}: {fault}")
        return self._faults.add(fault)

    def mends(self, seam: str | None = None) -> None:
        """Take the faults away: all, or those of one seam."""
        self._faults.clear(seam)
        self._down.clear()
        self._timeline.says(self._actor, "works again" + (f" at {seam}" if seam else ""))

    def calm(self) -> None:
        """Take all faults away without a word: the story is over."""
        self._faults.clear()
        self._down.clear()

    def goes_down(self) -> None:
        """Cut every connection until `comes_back`."""
        self._timeline.says(self._actor, "goes down")
        self._down = [
            self._faults.add(Fault(seam, FaultKind.RESET, count=None))
            for seam, kinds in self._faults.seams.items()
            if FaultKind.RESET in kinds and seam not in self._keep_up
        ]

    def comes_back(self) -> None:
        for number in self._down:
            self._faults.remove(number)
        self._down.clear()
        self._timeline.says(self._actor, "is back")
