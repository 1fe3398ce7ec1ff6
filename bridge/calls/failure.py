"""A failure as a value: what it concerns, in which words, and how long the other side asked us to wait. Pure.

It is made at the edge, where the answer is read, and travels to where it is decided when to try again
(retry.py). What a gateway, a proxy or a log-in says about itself is never the ID system's or OpenCRVS's word
about a record (contract mosip §15 row 8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bridge.errors import BridgeError

_UNUSUAL = re.compile(r"[^A-Za-z0-9 _.-]")


class FailureKind(StrEnum):
    """TRANSIENT passes by itself. CHANNEL concerns every record alike, until somebody mends a setting, a
    right or a route. RECORD: this content is refused, now and later.
    """

    TRANSIENT = "transient"
    CHANNEL = "channel"
    RECORD = "record"


@dataclass(frozen=True)
class Failure:
    """`words` are for the operator and hold no secret; `code` is the short steady name of a channel's fault;
    `wait` is what `Retry-After` asked for, in seconds.
    """

    kind: FailureKind
    words: str
    code: str = ""
    wait: float | None = None

    def __post_init__(self) -> None:
        # others write the code, and it becomes a metric's label
        object.__setattr__(self, "code", _UNUSUAL.sub("", self.code)[:40])


class Failed(BridgeError):
    """Something could not be done. Words alone are a transient failure."""

    def __init__(self, failure: Failure | str) -> None:
        self.failure = failure if isinstance(failure, Failure) else Failure(FailureKind.TRANSIENT, failure)
        super().__init__(self.failure.words)


def kind_of_status(status: int) -> FailureKind:
    """What an HTTP status means that is not the service's word about the record: a page of a proxy with 200
    passes by itself, a wrong route or a missing right does not.
    """
    passing = status < 300 or status in (408, 425, 429) or status >= 500
    return FailureKind.TRANSIENT if passing else FailureKind.CHANNEL


def by_status(what: str, status: int, wait: float | None, said: str = "", code: str = "") -> Failure:
    """The failure of a call that was answered, but not with a word about the record. `said`: from the body.

    A 429 without `Retry-After` asks for a second, and nobody for less.
    """
    if status == 429 or wait is not None:
        wait = max(wait or 0.0, 1.0)
    words = f"{what}: HTTP {status}" + (f", {said}" if said else "")
    return Failure(kind_of_status(status), words[:200], code or f"HTTP {status}", wait)
