"""The book in which a packet's plan is found. Pure.

Order of search: next in the queue, set for this registration (packet id or certificate number), a magic word
in the person's name, the default (one plan, or several with weights).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mock_nid.packets.plans import Plan, Weighted, magic_plan, plan_from, weighted_from
from testbed.delays import Delay, parse_delay
from wire.world import Chance


@dataclass(frozen=True)
class Found:
    """A plan and where it came from: `queue`, `registration`, `magic`, `default`."""

    plan: Plan
    source: str


@dataclass
class PlanBook:
    """All plans of a server; `find` takes the queued one out."""

    default: Weighted
    queue: deque[Plan] = field(default_factory=deque)
    fixed: dict[str, Plan] = field(default_factory=dict)
    meant_for: Callable[[str], bool] | None = None
    """Whether the queue is for packets of a person called so; None: for every packet that comes."""
    _delays: dict[str, Delay] = field(default_factory=dict)

    def find(self, keys: Iterable[str], name: str, chance: Chance) -> Found:
        """The plan for a packet known by `keys` (id, certificate number), of a person called `name`.

        A `delay` is drawn here and becomes the plan's `after`.
        """
        found = self._found(keys, name, chance)
        if found.plan.delay is not None:
            seconds = self.delay(found.plan.delay).draw(chance)
            return Found(replace(found.plan, after=seconds, delay=None), found.source)
        return found

    def delay(self, text: str) -> Delay:
        """The delay of that text: one object for each text, so that a list goes on where it was."""
        if text not in self._delays:
            self._delays[text] = parse_delay(text)
        return self._delays[text]

    def _found(self, keys: Iterable[str], name: str, chance: Chance) -> Found:
        if self.queue and (self.meant_for is None or self.meant_for(name)):
            return Found(self.queue.popleft(), "queue")
        for key in keys:
            if key in self.fixed:
                return Found(self.fixed[key], "registration")
        magic = magic_plan(name)
        if magic is not None:
            return Found(magic, "magic")
        return Found(self.default.pick(chance), "default")

    def enqueue(self, *plans: Plan | str | Mapping[str, Any]) -> None:
        """Plans for the next packets, one each."""
        self.queue.extend(plan_from(plan) for plan in plans)

    def set_for(self, key: str, plan: Plan | str | Mapping[str, Any]) -> None:
        """The plan for one packet id or certificate number."""
        self.fixed[key] = plan_from(plan)

    def set_default(self, plan: Any) -> None:
        self.default = weighted_from(plan)

    def clear(self, default: Weighted) -> None:
        self.queue.clear()
        self.fixed.clear()
        self.default = default
