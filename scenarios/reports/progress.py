"""The last line of a terminal while a run goes on: what is being played now. Nothing where no terminal is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import set_cell_size
from rich.console import Console


class Progress:
    """Written with carriage returns, which every terminal knows; clear it before anything is printed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._on = console.is_terminal and not console.is_dumb_terminal
        self._shown = ""

    def playing(self, names: Sequence[str], done: int, total: int) -> None:
        self._show(f"{done} of {total} done; playing {', '.join(names)}" if names else "")

    def clear(self) -> None:
        self._show("")

    def _show(self, text: str) -> None:
        if not self._on:
            return
        room = self._console.width - 1
        wide = max(len(self._shown), len(text))
        self._shown = text[:room]
        back = "" if text else "\r"
        self._console.file.write("\r" + set_cell_size(text, min(wide, room)) + back)
        self._console.file.flush()
