"""Where a command prints: a terminal, a pipe or a file, with whatever signs its encoding has."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Any

from rich.console import Console

_PLAIN = {
    "✔": "+",
    "✘": "x",
    "–": "-",
    "—": "-",
    "…": "...",
    "→": "->",
    "⏱": "~",
    "·": "-",
    "█": "#",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "\N{NO-BREAK SPACE}": " ",
}
_ENDLESS = 100_000
"""The width of what is no terminal: whoever reads a pipe or a file breaks the lines as he likes."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for signs that an encoding lacks: see `codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_sign, error.object[error.start : error.end])), error.end


def _sign(sign: str) -> str:
    letters = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return _PLAIN.get(sign) or letters or "?"


codecs.register_error("plain-signs", _plain)


def readable_anywhere(*streams: Any) -> None:
    """Have these streams write plain signs for those that their encoding lacks."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain-signs")


def screen(*, stderr: bool = False) -> Console:
    """A console on standard output or error: no colours with NO_COLOR, no width where no terminal is."""
    console = Console(stderr=stderr)
    if console.no_color:
        console = Console(stderr=stderr, color_system=None)
    if not console.is_terminal:
        console.width = _ENDLESS
    return console
