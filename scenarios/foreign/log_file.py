"""The log file of a foreign bridge, where one was given: what one story added to it."""

from __future__ import annotations

from pathlib import Path

from scenarios.judging.evidence import LogLine


def size_of(log: Path | None) -> int:
    return log.stat().st_size if log is not None and log.exists() else 0


def lines_since(log: Path | None, before: int) -> list[LogLine]:
    if log is None or not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(before)
        text = file.read().decode(errors="replace")
    return [LogLine("bridge", line) for line in text.splitlines() if line]
