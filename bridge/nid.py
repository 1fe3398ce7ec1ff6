"""The national ID port: what the flow needs of an ID system, whatever its protocol.

`mosip.py` is the one behind it here; a country with another ID system writes its own class of this shape.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bridge.failure import Failed, Failure, Kind
from bridge.registration import Packet, Registration


class NidDown(Failed):
    """The ID system gave no usable answer; the same call may succeed later."""


class NidRefused(Failed):
    """The ID system took the call and will not take this content, now or later. `code` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(Failure(Kind.RECORD, f"{code} {message}".strip(), code))
        self.code, self.message = code, message


class Outcome(StrEnum):
    """What the ID system says about a packet when asked."""

    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Standing:
    """The answer to a status question: `code` is the ID system's own word for it."""

    outcome: Outcome
    code: str


class NationalId(Protocol):
    """All calls have a time limit and raise NidDown or NidRefused."""

    def new_packet_id(self) -> str:
        """An id that nobody can guess."""

    async def submit(
        self, registration: Registration, packet: Packet, created: Callable[[], Awaitable[None]]
    ) -> None:
        """Hand the packet over and start its processing; returns when the ID system has taken both.

        `created` is awaited when the packet is there but its processing could not be started.
        A repetition of what the ID system already has counts as done.
        """

    async def register_now(self, registration: Registration, packet: Packet) -> str | None:
        """Ask synchronously: the national ID (None for a death); NidRefused is the ID system's no."""

    async def standings(self, packet_ids: Sequence[str]) -> dict[str, Standing]:
        """Where packets stand; ids that the ID system does not know are Outcome.UNKNOWN."""

    async def why(self, packet_id: str) -> str | None:
        """The sub-status code of a failed packet; None when the ID system does not tell us."""

    async def recover(self, packet_id: str) -> str | None:
        """The national ID of a packet that is done, fetched because its credential never came."""

    async def acknowledge(self, acknowledge_id: str, status: str) -> None:
        """Tell the ID system that its credential arrived."""

    async def fetch_share(self, url: str) -> bytes:
        """A credential that is shared by link."""

    async def close(self) -> None: ...
