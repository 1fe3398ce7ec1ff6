"""The only source of time, ids and randomness.

Every timestamp, expiry, retry, lease, id and name comes from the `World` that an application was given.
With the virtual clock an eight-day review plays in milliseconds, and a seed makes a run repeatable.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    nullcontext,
)
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, TypeVar

from wire.virtual_clock import REHEARSAL_START, VirtualClock

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Clock(Protocol):
    """What the parts may ask of time. Durations are seconds; instants are aware UTC datetimes."""

    def now(self) -> datetime:
        """The present instant, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock."""

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[None]:
        """Raise TimeoutError in the block when `seconds` pass on this clock first; None waits for ever."""

    async def advance(self, seconds: float) -> None:
        """Move the clock forward and let everything that falls due happen."""

    async def settle(self) -> None:
        """Return when nothing is left to do at the present instant (a real clock returns at once)."""

    def work(self) -> AbstractContextManager[None]:
        """A block of work outside the event loop (a thread) that the virtual clock must not overtake."""


class _RealLimit(AbstractAsyncContextManager[None]):
    """`asyncio.timeout`, listed in `among` while it runs, so that the clock can be moved forward under it."""

    def __init__(self, among: set[asyncio.Timeout], seconds: float | None) -> None:
        self._among, self._limit = among, asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._among.add(self._limit)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._among.discard(self._limit)
        await self._limit.__aexit__(kind, error, trace)


_NOTHING = nullcontext()


class SystemClock:
    """Real time, which may be moved forward by hand (a demo's "eight days later").

    After `advance` the clock runs on from the later instant; sleepers whose time has come wake at once.
    """

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._limits: set[asyncio.Timeout] = set()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with self.timeout(seconds):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            return

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[None]:
        return _RealLimit(self._limits, seconds)

    async def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)
        for limit in self._limits:
            due = limit.when()
            if due is not None and not limit.expired():
                limit.reschedule(due - seconds)
        await asyncio.sleep(0)

    async def settle(self) -> None:
        await asyncio.sleep(0)

    def work(self) -> AbstractContextManager[None]:
        return _NOTHING


class Chance(Protocol):
    """What the parts may ask of randomness."""

    def random(self) -> float:
        """A float in [0, 1)."""

    def bytes(self, count: int) -> bytes:
        """`count` random bytes."""

    def choice(self, among: Sequence[T]) -> T:
        """One of `among`."""

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def digits(self, count: int) -> str:
        """`count` decimal digits."""

    def alphanumeric(self, count: int) -> str:
        """`count` characters out of 0-9 A-Z (OpenCRVS tracking ids)."""

    def uuid(self) -> str:
        """A version 4 UUID."""

    def gauss(self, mean: float, deviation: float) -> float:
        """A normally distributed number."""


class _SystemRandom(random.SystemRandom):
    """The operating system's randomness, fetched by the page.

    Each call to the kernel gives the interpreter's lock away, which costs more than the bytes.
    """

    _PAGE = 4096

    def __init__(self) -> None:
        super().__init__()
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A forked process must not draw what its parent draws."""
        self._page, self._used = b"", 0
        self._lock = threading.Lock()

    def randbytes(self, n: int) -> bytes:
        if n > self._PAGE:
            return os.urandom(n)
        with self._lock:
            if self._used + n > len(self._page):
                self._page, self._used = os.urandom(self._PAGE), 0
            self._used += n
            return self._page[self._used - n : self._used]

    def random(self) -> float:
        return self.getrandbits(53) * 2**-53

    def getrandbits(self, k: int) -> int:
        count = (k + 7) // 8
        return int.from_bytes(self.randbytes(count)) >> (count * 8 - k)


_SYSTEM = _SystemRandom()


class RandomChance:
    """Chance drawn from one generator: the system's own, or one with a seed."""

    _ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator

    def random(self) -> float:
        return self._generator.random()

    def bytes(self, count: int) -> bytes:
        return self._generator.randbytes(count)

    def choice(self, among: Sequence[T]) -> T:
        return self._generator.choice(among)

    def integer(self, low: int, high: int) -> int:
        return self._generator.randint(low, high)

    def digits(self, count: int) -> str:
        return f"{self._generator.randrange(10**count):0{count}}"

    def alphanumeric(self, count: int) -> str:
        drawn, text = self._generator.randrange(36**count), ""
        for _ in range(count):
            drawn, place = divmod(drawn, 36)
            text += self._ALPHANUMERIC[place]
        return text

    def uuid(self) -> str:
        # the text of `uuid.UUID(bytes=…, version=4)`, without its checks
        drawn = bytearray(self._generator.randbytes(16))
        drawn[6] = drawn[6] & 0x0F | 0x40
        drawn[8] = drawn[8] & 0x3F | 0x80
        text = drawn.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def gauss(self, mean: float, deviation: float) -> float:
        return self._generator.gauss(mean, deviation)


@dataclass(frozen=True)
class World:
    """A clock and a chance, handed to every application at its start."""

    clock: Clock
    chance: Chance

    @classmethod
    def system(cls, seed: int | str | None = None) -> World:
        """Real time. Chance is the operating system's, or repeatable when a seed is given."""
        generator = _SYSTEM if seed is None else random.Random(seed)
        return cls(SystemClock(), RandomChance(generator))

    @classmethod
    def virtual(cls, start: datetime = REHEARSAL_START, seed: int | str = 1) -> World:
        """Time that moves only when told; the same seed gives the same ids, keys' nonces and delays."""
        return cls(VirtualClock(start), RandomChance(random.Random(seed)))

    def with_seed(self, seed: int | str) -> World:
        """The same clock with a chance of its own, so that one part's draws do not shift another's."""
        return World(self.clock, RandomChance(random.Random(seed)))

    def timestamp(self) -> str:
        """The present instant as both protocols write it: `2026-03-02T08:14:07.120Z`."""
        return timestamp(self.clock.now())

    async def offload(self, work: Callable[..., T], *args: Any) -> T:
        """Run blocking work (an RSA private operation, a file) in a thread."""
        with self.clock.work():
            return await asyncio.to_thread(work, *args)


def timestamp(instant: datetime) -> str:
    """An instant as `yyyy-MM-ddTHH:mm:ss.SSSZ`, UTC, three decimals (contract mosip §10)."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def instant(seconds: object) -> datetime | None:
    """Seconds since 1970, as a token tells them, as an instant; None for what is none or beyond all dates."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def calendar_day(text: object) -> date | None:
    """A day as `YYYY-MM-DD`; None for all else, the other forms of ISO 8601 too, which nobody here writes."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_timestamp(text: str) -> datetime:
    """An ISO 8601 instant with offset or `Z`; ValueError when it is none."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it in UTC with a Z at the end")
    return instant.astimezone(UTC)
