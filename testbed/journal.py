"""Every exchange at a mock, redacted, with the records that it belongs to; and waits for what is to come."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextvars import copy_context
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from testbed.facts import Fact, Said
from wire.redaction import at_hand, hide, hide_private, redact_body, redact_text
from wire.world import World, timestamp

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as the mock saw it.

    `direction` is seen from the mock. `status` is None when no answer came; `note` then says why.
    `records` are the ids (event id, action id, registration id, …) that the exchange is about.
    `faults` names what was injected on purpose. `by` is whose token came: `person`, `program`, or empty.
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
    by: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_WORD = re.compile(r"[0-9A-Za-z]{5,64}")
"""What a number of a person looks like (bridge and issuer take no other)."""
_LATER = 16_384
"""Exchanges of more bytes are masked, and so cut, at once: nobody fills the memory with long bodies."""


class _Entry:
    """An exchange in the journal, masked when it is first asked for: most are never read."""

    __slots__ = ("_masking", "_shown", "number", "operation", "records", "weight")

    def __init__(
        self,
        number: int,
        operation: str,
        records: tuple[str, ...],
        weight: int,
        masking: Callable[[], Exchange],
    ) -> None:
        self.number, self.operation, self.records, self.weight = number, operation, records, weight
        self._masking: Callable[[], Exchange] | None = masking
        self._shown: Exchange | None = None

    def show(self) -> Exchange:
        """What may leave the journal; what was met as it was is forgotten then."""
        if self._masking is not None:  # what is hidden here is hidden here alone
            self._shown, self._masking = copy_context().run(self._masking), None
        assert self._shown is not None
        return self._shown


class Journal:
    """The exchanges of one server in order: the last `keep` of them, and of these the last `keep_bytes`."""

    def __init__(
        self,
        server: str,
        world: World,
        keep: int | None = 20_000,
        keep_bytes: int = 128 * 1024 * 1024,
        known: Callable[[str], bool] = lambda _word: False,
    ) -> None:
        """`known`: whether a word is the number of a person here, which is masked wherever it stands."""
        self.server, self._known = server, known
        self._world = world
        self._entries: deque[_Entry] = deque()
        self.facts: deque[Fact] = deque(maxlen=keep)
        """What was said in these exchanges about packets."""
        self._keep, self._keep_bytes, self._bytes = keep, keep_bytes, 0
        self._count = 0
        self._grown: asyncio.Event | None = None

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
        by: str = "",
        said: Iterable[Said] = (),
        sent: datetime | None = None,
    ) -> None:
        """Write one exchange down; bodies and target are masked here, so callers pass them as they were.

        `sent`: when what was said went out, where the other side may act on it before it answers.
        """
        self.facts.extend(Fact(sent or self._world.clock.now(), one, status) for one in said)
        self._count += 1
        number, records = self._count, tuple(dict.fromkeys(records))
        made = partial(
            Exchange,
            number=number,
            server=self.server,
            direction=direction,
            operation=operation,
            method=method,
            status=status,
            records=records,
            faults=faults,
            by=by,
        )
        now = self._world.clock.now()
        masking = partial(self._masked, made, now, target, note, request, response, at_hand())
        weight = len(request) + len(response)
        entry = _Entry(number, operation, records, min(weight, _LATER) + len(target) + len(note), masking)
        if weight > _LATER:
            entry.show()
        self._entries.append(entry)
        self._bytes += entry.weight
        self._forget()
        if self._grown is not None:
            self._grown.set()
            self._grown = None

    def _forget(self) -> None:
        """Let the oldest fall out while there are too many, or they are too long."""
        while self._keep is not None and (
            len(self._entries) > self._keep or (self._bytes > self._keep_bytes and len(self._entries) > 1)
        ):
            self._bytes -= self._entries.popleft().weight

    def _masked(
        self,
        made: Callable[..., Exchange],
        at: datetime,
        target: str,
        note: str,
        request: bytes,
        response: bytes,
        at_hand: tuple[str, ...],
    ) -> Exchange:
        hide(*at_hand, *self._people_in(target, note, request, response))
        hide_private(dict(parse_qsl(urlsplit(target).query)))
        for body in (request, response):
            try:
                hide_private(json.loads(body))
            except (ValueError, RecursionError):
                hide_private(dict(parse_qsl(body.decode(errors="replace"))))
        return made(
            at=timestamp(at),
            target=redact_text(target),
            request=redact_body(request),
            response=redact_body(response),
            note=redact_text(note),
        )

    def _people_in(self, target: str, note: str, *bodies: bytes) -> Iterator[str]:
        texts = (target, note, *(body.decode(errors="replace") for body in bodies))
        return (word for text in texts for word in _WORD.findall(text) if self._known(word))

    def __iter__(self) -> Iterator[Exchange]:
        return (entry.show() for entry in tuple(self._entries))

    def of(self, operations: str) -> Iterator[Exchange]:
        """The exchanges of the operations that begin so; the others are not masked for it."""
        return (entry.show() for entry in tuple(self._entries) if entry.operation.startswith(operations))

    def __len__(self) -> int:
        return len(self._entries)

    def about(self, record: str) -> list[Exchange]:
        """The exchanges that belong to one record, in order."""
        return [entry.show() for entry in self._entries if record in entry.records]

    def after(self, number: int) -> list[Exchange]:
        """The exchanges later than the one of that number."""
        return [entry.show() for entry in self._later(number)]

    def page(self, *, after: int, record: str | None, limit: int) -> tuple[list[Exchange], int]:
        """The first `limit` exchanges after that number (about `record` alone), and how many there are."""
        chosen = [entry for entry in self._later(after) if record is None or record in entry.records]
        return [entry.show() for entry in chosen[:limit]], len(chosen)

    async def follow(self, *, after: int = 0) -> AsyncIterator[Exchange]:
        """Exchanges as they come, for ever; first those already written after that number."""
        while True:
            grown = self._grown = self._grown or asyncio.Event()
            for entry in self._later(after):
                after = entry.number
                yield entry.show()
            await grown.wait()

    def _later(self, number: int) -> list[_Entry]:
        # from the end: a follower asks for the last few of thousands
        later = list(takewhile(lambda entry: entry.number > number, reversed(self._entries)))
        return later[::-1]

    def keep_all(self) -> None:
        """Let nothing fall out any more: for who reads it all at the end."""
        self._keep = None
        self.facts = deque(self.facts)

    def clear(self) -> None:
        """Forget all; numbers go on, so that a follower misses nothing."""
        self._entries.clear()
        self.facts.clear()
        self._bytes = 0
