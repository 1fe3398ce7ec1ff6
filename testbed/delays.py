"""How long something takes: fixed, uniform, lognormal, or a list played in turn. Seconds throughout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from math import exp, inf, log

from wire.world import Chance

_NUMBERS = {"fixed": 1, "uniform": 2, "lognormal": 2}
"""How many each kind has; a list has any."""
_FORMS = "a number of seconds, fixed:S, uniform:LOW,HIGH, lognormal:MEDIAN,SIGMA or list:S,S,…"


@dataclass(frozen=True)
class Delay:
    """A source of durations. Of `lognormal` most are near the median, and a few very late: as review queues
    behave.
    """

    kind: str
    numbers: tuple[float, ...]
    _turn: Iterator[int] = field(default_factory=count, repr=False, compare=False)

    def draw(self, chance: Chance) -> float:
        """The next duration in seconds, never negative."""
        match self.kind, self.numbers:
            case "uniform", (low, high):
                return low + (high - low) * chance.random()
            case "lognormal", (median, sigma):
                return exp(chance.gauss(log(median), sigma))
            case _:
                return self.numbers[next(self._turn) % len(self.numbers)]

    def __str__(self) -> str:
        return f"{self.kind}:" + ",".join(f"{number:g}" for number in self.numbers)


def parse_delay(text: str | float) -> Delay:
    """A delay from its text (`30`, `fixed:30`, `uniform:1,60`, `lognormal:60,0.8`, `list:1,5,30`).

    Raises ValueError that names the accepted forms.
    """
    kind, _, rest = str(text).partition(":")
    if not rest:
        kind, rest = "fixed", kind
    try:
        numbers = tuple(float(part) for part in rest.split(","))
    except ValueError:
        numbers = ()
    counted = bool(numbers) if kind == "list" else _NUMBERS.get(kind) == len(numbers)
    match kind, numbers:
        case "uniform", (low, high):
            good = low <= high
        case "lognormal", (median, _):
            good = median > 0
        case _:
            good = True
    if not (counted and good and all(0 <= number < inf for number in numbers)):
        raise ValueError(f"{text!r} is not a delay: give {_FORMS}")
    return Delay(kind, numbers)
