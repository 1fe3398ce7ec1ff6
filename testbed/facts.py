"""What an ID system said about packets, stated as it said it: for a judge. The journal is for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Word = Literal["issued", "processed", "refused", "paused", "verified", "unverified", "paid", "unpaid"]


@dataclass(frozen=True, slots=True)
class Said:
    """One statement about one packet; of somebody who was authenticated, about the number. `spoilt`: what was
    done to it, so that it is no true word.
    """

    packet: str
    word: Word
    spoilt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, when it was made by the clock of who made it, and that exchange's status, if any."""

    at: datetime
    said: Said
    status: int | None
