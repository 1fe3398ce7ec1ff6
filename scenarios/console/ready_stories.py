"""Ready stories for a room of people: a part after the other, each with a narrator's line. Flow.

Their words are in `texts/`: `story.<name>` is the title, `story.<name>.<step>` the line at that step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from scenarios.console.access import ActRefused, ConsoleAccess
from scenarios.console.director import Director
from scenarios.console.surroundings import Surroundings

_HOUR, _DAY = 3600.0, 86400.0
PATIENCE, _LOOK = 20.0, 0.2
"""Seconds until a part has had its effect, and between two looks."""


@dataclass(frozen=True)
class Part:
    """Something that is done, and the stage in which the record is afterwards."""

    do: Callable[[ReadyStories], Awaitable[None]]
    until: str


class ReadyStories:
    """One story at a time, for everybody who watches. `next` does the next part."""

    def __init__(self, access: ConsoleAccess, director: Director, surroundings: Surroundings) -> None:
        self._access, self.director, self.surroundings = access, director, surroundings
        self._telling = asyncio.Lock()
        self._name: str | None = None
        self._done = 0
        self.record = ""
        """The record that the story is about."""

    async def begin(self, name: str) -> None:
        """All lines whole, the ID system waits for a person, and the first part."""
        async with self._telling:
            await self._tidy()
            self._name, self._done = name, 0
            await self._next()

    async def next(self) -> None:
        async with self._telling:
            await self._next()

    async def end(self) -> None:
        """Back to playing by hand, with whole lines."""
        async with self._telling:
            await self._tidy()
            self._name = None
            self._access.session.narrate(None, 0, 0)

    async def _tidy(self) -> None:
        lines = (self._access.session.picture or {}).get("lines", {})
        if lines.get("opencrvs") == "cut":
            await self.surroundings.line("opencrvs", cut=False)
        if lines.get("nid") == "cut":
            await self.surroundings.line("nid", cut=False)
        if self._access.follower.answers != "ask":
            await self.director.answers("ask")

    async def _next(self) -> None:
        parts = STORIES.get(self._name or "", ())
        if self._done >= len(parts) or self._name is None:
            raise ActRefused(409, "story-over")
        part = parts[self._done]
        async with self._access.acting:  # after whatever is being done, a new beginning for one
            self._access.session.narrate(self._name, self._done + 1, len(parts))
        await part.do(self)
        await self._reached(part.until)
        self._done += 1

    async def _reached(self, stage: str) -> None:
        for _ in range(int(PATIENCE / _LOOK)):
            row = await self._access.row(self.record)
            # what the bridge still has to do about a record that is settled in OpenCRVS belongs to the part
            if row["stage"] == stage and not (stage in ("registered", "rejected") and row["bridge"]):
                return
            await self._access.world.clock.sleep(_LOOK)
        raise ActRefused(409, "story-astray", who=row["name"])


async def _declares(story: ReadyStories) -> None:
    story.record = await story.director.declare("birth")


def _later(seconds: float) -> Callable[[ReadyStories], Awaitable[None]]:
    return lambda story: story.surroundings.advance(seconds)


async def _mended(story: ReadyStories) -> None:
    await story.surroundings.line("nid", cut=False)
    await story.surroundings.advance(_HOUR)


_DECLARED = Part(_declares, "declared")
_REGISTER = Part(lambda story: story.director.register(story.record), "processing")
_ISSUED = Part(lambda story: story.director.decide(story.record, "issue", None), "registered")

STORIES: Mapping[str, tuple[Part, ...]] = {
    "review": (
        _DECLARED,
        _REGISTER,
        Part(_later(3 * _DAY), "processing"),
        Part(lambda story: story.surroundings.restart_bridge(), "processing"),
        Part(_later(5 * _DAY), "processing"),
        _ISSUED,
    ),
    "rejection": (
        _DECLARED,
        _REGISTER,
        Part(lambda story: story.director.decide(story.record, "reject", None), "rejected"),
        _REGISTER,
        _ISSUED,
    ),
    "line": (
        _DECLARED,
        Part(lambda story: story.surroundings.line("nid", cut=True), "declared"),
        Part(lambda story: story.director.register(story.record), "queued-trouble"),
        Part(_later(_HOUR), "queued-trouble"),
        Part(_mended, "processing"),
        _ISSUED,
    ),
    "forged": (
        _DECLARED,
        _REGISTER,
        Part(lambda story: story.surroundings.forge(story.record), "processing"),
        _ISSUED,
        Part(lambda story: story.director.deliver_again(story.record), "registered"),
    ),
}
"""The stories by name, in the order of the page."""
