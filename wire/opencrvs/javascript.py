"""Values that JavaScript has and JSON has not, as superjson carries them (contract opencrvs §3.4).

Dates are aware datetimes, NaN and the infinities are floats, a plain object is a dict, an array a list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final


class Undefined(Enum):
    """The type of UNDEFINED: absent, which is not null."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNDEFINED"


class InvalidDate(Enum):
    """The type of INVALID_DATE: what `new Date("x")` gives."""

    INVALID_DATE = "Invalid Date"

    def __repr__(self) -> str:
        return "INVALID_DATE"


UNDEFINED: Final = Undefined.UNDEFINED
INVALID_DATE: Final = InvalidDate.INVALID_DATE


@dataclass(frozen=True, slots=True)
class BigInt:
    """A whole number that JavaScript holds as a bigint, not as a double."""

    value: int


@dataclass(frozen=True, slots=True)
class RegExp:
    """`/source/flags`."""

    source: str
    flags: str = ""

    def __str__(self) -> str:
        return f"/{self.source}/{self.flags}"


@dataclass(frozen=True, slots=True)
class JSError:
    """An Error object: its name and message."""

    message: str
    name: str = "Error"


@dataclass(frozen=True, slots=True)
class URL:
    """A URL object; superjson 1.9.0-0 writes it as its bare text and cannot restore it."""

    href: str


@dataclass(slots=True)
class JSSet:
    """A Set: values in the order of insertion, which need not be hashable."""

    values: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class JSMap:
    """A Map: pairs in the order of insertion."""

    entries: list[list[Any]] = field(default_factory=list)
