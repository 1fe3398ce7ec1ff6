"""Every exchange at a mock, redacted, with the records that it belongs to; and waits for what is to come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from wire.redaction import redact_body, redact_text
from wire.world import World

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as the mock saw it.

    `direction` is seen from the mock. `status` is None when no answer came; `note` then says why.
    `records` are the ids (event id, action id, registration id, …) that the exchange is about.
    `faults` names what was injected on purpose.
    """

    number: int
    at: str
    server: str
    direction: Direction
    operation: str
    method: str
    target: str
    status: int | None
    records: tuple[str, ...] = ()
    request: str = ""
    response: str = ""
    faults: tuple[str, ...] = ()
    note: str = ""

    def about(self, record: str) -> bool:
        return record in self.records

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Journal:
    """The exchanges of one server in order, the last `keep` of them."""

    def __init__(self, server: str, world: World, keep: int = 20_000) -> None:
        self.server = server
        self._world = world
        self._exchanges: deque[Exchange] = deque(maxlen=keep)
        self._count = 0
        self._grown = asyncio.Event()

    def record(
        self,
        direction: Direction,
        operation: str,
        method: str,
        target: str,
        status: int | None,
        *,
        records: tuple[str, ...] = (),
        request: bytes = b"",
        response: bytes = b"",
        faults: tuple[str, ...] = (),
        note: str = "",
    ) -> Exchange:
        """Write one exchange down; bodies and target are masked here, so callers pass them as they were."""
        self._count += 1
        exchange = Exchange(
            number=self._count,
            at=self._world.timestamp(),
            server=self.server,
            direction=direction,
            operation=operation,
            method=method,
            target=redact_text(target),
            status=status,
            records=tuple(dict.fromkeys(records)),
            request=redact_body(request),
            response=redact_body(response),
            faults=faults,
            note=redact_text(note),
        )
        self._exchanges.append(exchange)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        return exchange

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def about(self, record: str) -> list[Exchange]:
        """The exchanges that belong to one record, in order."""
        return [exchange for exchange in self._exchanges if exchange.about(record)]

    def after(self, number: int) -> list[Exchange]:
        """The exchanges later than the one of that number."""
        return [exchange for exchange in self._exchanges if exchange.number > number]

    async def until(self, happened: Callable[[Exchange], bool], *, after: int = 0) -> Exchange:
        """The first exchange for which `happened` holds; waits for it (bound the wait with a timeout)."""
        async for exchange in self.follow(after=after):
            if happened(exchange):
                return exchange
        raise AssertionError("a journal does not end")

    async def follow(self, *, after: int = 0) -> AsyncIterator[Exchange]:
        """Exchanges as they come, for ever; first those already written after that number."""
        while True:
            grown = self._grown
            for exchange in self.after(after):
                after = exchange.number
                yield exchange
            await grown.wait()

    def clear(self) -> None:
        """Forget all; numbers go on, so that a follower misses nothing."""
        self._exchanges.clear()
