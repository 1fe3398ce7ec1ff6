"""Checks that are no stories of the library: they concern a foreign part alone, and play on its own stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from scenarios.story import Need, Story

Check = Callable[[Any], Awaitable[None]]


class Checklist:
    """The checks of one foreign part, in the order in which they are written."""

    def __init__(self, judged: str, tag: str) -> None:
        self._judged, self._tag = judged, tag
        self.checks: list[Story] = []

    def check(
        self,
        *,
        title: str,
        learns: str,
        good: str,
        means: str,
        needs: Iterable[Need] = (),
    ) -> Callable[[Check], Check]:
        """Register the coroutine below under its own name. `means`: what it says of the part if it fails."""

        def register(play: Check) -> Check:
            self.checks.append(
                Story(
                    name=getattr(play, "__name__", ""),
                    title=title,
                    learns=learns,
                    good_bridge=good,
                    play=play,
                    tags=frozenset({self._tag}),
                    needs=frozenset(needs),
                    means=means,
                    judged=self._judged,
                )
            )
            return play

        return register
