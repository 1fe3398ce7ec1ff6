"""Every log line that the parts write while a story is played, as it would stand in their log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

from scenarios.judging.evidence import LogLine
from wire.logs import line_formatter, route_structlog
from wire.world import World


class Logbook(logging.Handler):
    """A log handler that keeps the finished lines."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.setFormatter(line_formatter(world, "json"))
        self.lines: list[LogLine] = []
        self.unended = ""
        """What stands on standard error and has no end of its line yet."""
        self.unseen = ""
        """Why the bridge's own log is not in it, when it is not."""

    @property
    def written(self) -> tuple[LogLine, ...]:
        """All that is there to be read."""
        return (*self.lines, LogLine("stderr", self.unended)) if self.unended else tuple(self.lines)

    def emit(self, record: logging.LogRecord) -> None:
        # the foreign parts' loggers are named after their packages: the first word says whose line it is
        self.lines.append(LogLine(record.name.split(".")[0], self.format(record)))


class _Stderr(io.TextIOBase):
    """What the parts write to standard error past all logging, line by line."""

    def __init__(self, book: Logbook) -> None:
        self._book = book

    def write(self, text: str) -> int:
        *whole, self._book.unended = (self._book.unended + text).split("\n")
        self._book.lines.extend(LogLine("stderr", line) for line in whole if line)
        return len(text)


@contextmanager
def logged(world: World) -> Iterator[Logbook]:
    """Send all log lines of this process to a book, and to nothing else, for the length of the block."""
    route_structlog()
    root = logging.getLogger()
    before, level = root.handlers, root.level
    book = Logbook(world)
    root.handlers = [book]
    root.setLevel(logging.DEBUG)
    # the libraries' own chatter at DEBUG is not a log line of ours; their warnings are
    quiet = [logging.getLogger(name) for name in ("asyncio", "sqlalchemy")]
    levels = [one.level for one in quiet]
    for one in quiet:
        one.setLevel(logging.WARNING)
    try:
        with redirect_stderr(_Stderr(book)):
            yield book
    finally:
        root.handlers, root.level = before, level
        for one, was in zip(quiet, levels, strict=True):
            one.setLevel(was)
