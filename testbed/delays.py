"""How long something takes: fixed, uniform, lognormal, or a list played in turn. Seconds throughout."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from math import exp, log
from typing import Protocol

from wire.world import Chance


class Delay(Protocol):
    """A source of durations."""

    def draw(self, chance: Chance) -> float:
        """The next duration in seconds, never negative."""


@dataclass(frozen=True)
class Fixed:
    seconds: float

    def draw(self, chance: Chance) -> float:
        return self.seconds

    def __str__(self) -> str:
        return f"fixed:{self.seconds:g}"


@dataclass(frozen=True)
class Uniform:
    low: float
    high: float

    def draw(self, chance: Chance) -> float:
        return self.low + (self.high - self.low) * chance.random()

    def __str__(self) -> str:
        return f"uniform:{self.low:g},{self.high:g}"


@dataclass(frozen=True)
class LogNormal:
    """Most answers near the median, a few very late: how review queues behave."""

    median: float
    sigma: float

    def draw(self, chance: Chance) -> float:
        return exp(chance.gauss(log(self.median), self.sigma))

    def __str__(self) -> str:
        return f"lognormal:{self.median:g},{self.sigma:g}"


class Listed:
    """The given durations in turn, and again from the start."""

    def __init__(self, *seconds: float) -> None:
        if not seconds:
            raise ValueError("a list of delays needs at least one number, e.g. list:1,5,30")
        self._seconds = seconds
        self._turn = count()

    def draw(self, chance: Chance) -> float:
        return self._seconds[next(self._turn) % len(self._seconds)]

    def __str__(self) -> str:
        return "list:" + ",".join(f"{seconds:g}" for seconds in self._seconds)


_FORMS = "a number of seconds, fixed:S, uniform:LOW,HIGH, lognormal:MEDIAN,SIGMA or list:S,S,…"


def parse_delay(text: str | float) -> Delay:
    """A delay from its text (`30`, `fixed:30`, `uniform:1,60`, `lognormal:60,0.8`, `list:1,5,30`).

    Raises ValueError that names the accepted forms.
    """
    kind, _, rest = str(text).partition(":")
    try:
        numbers = [float(part) for part in (rest or kind).split(",")]
        if any(number < 0 or number != number or number == float("inf") for number in numbers):
            raise ValueError
        if not rest or kind == "fixed":
            (seconds,) = numbers
            return Fixed(seconds)
        if kind == "uniform":
            low, high = numbers
            if high < low:
                raise ValueError
            return Uniform(low, high)
        if kind == "lognormal":
            median, sigma = numbers
            if not median:
                raise ValueError
            return LogNormal(median, sigma)
        if kind == "list":
            return Listed(*numbers)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a delay: give {_FORMS}")
