"""The files that a run leaves: each is written, whatever becomes of its neighbours, or it is said why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scenarios.events import Event, Listener, RunEnded
from wire.entry import not_interrupted


class Files:
    """A listener that hands everything on to reports, each with the paths that it writes."""

    def __init__(self, reports: Sequence[tuple[Listener, Sequence[Path]]]) -> None:
        self._reports = list(reports)
        self.lost: dict[Path, str] = {}
        """What could not be written, and why: a full disk, a folder that is gone."""

    def __call__(self, event: Event) -> None:
        if not isinstance(event, RunEnded):
            self._tell(event)
            return
        with not_interrupted():  # no half a file
            self._tell(event)

    def _tell(self, event: Event) -> None:
        for one in tuple(self._reports):
            report, paths = one
            try:
                report(event)
            except OSError as error:
                self._reports.remove(one)
                self.lost.update(dict.fromkeys(paths, error.strerror or str(error)))

    @property
    def written(self) -> list[Path]:
        return [path for _, paths in self._reports for path in paths]
