"""The session: what happened since the console started, and everybody who watches it.

Frames are numbered; a browser that lost its line asks for what came after the last one it has.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from scenarios.console.steps import Step

Frame = dict[str, Any]
"""`{"frame": n, …}` with one of `"step": {…}`, `"picture": {…}`, `"story": {…}` or `"anew": true`."""


class FrameLog:
    """Keeps the last `keep` frames, and the newest picture."""

    def __init__(self, keep: int) -> None:
        self._frames: deque[Frame] = deque(maxlen=keep)
        self._count = 0
        self._steps = 0
        self._grown = asyncio.Event()
        self._closed = False
        self.picture: dict[str, Any] | None = None
        self.watchers = 0

    def step(self, step: Step) -> Step:
        """Add a step; it gets its number here."""
        self._steps += 1
        numbered = replace(step, number=self._steps)
        self._add({"step": numbered.as_json()})
        return numbered

    def show(self, picture: dict[str, Any]) -> None:
        """Show a picture, if it differs from the last one in more than the time."""
        if self.picture is not None and _still(picture) == _still(self.picture):
            self.picture = picture
            return
        self.picture = picture
        self._add({"picture": picture})

    def narrate(self, name: str | None, step: int, steps: int) -> None:
        """A ready story has come to this step of so many; None when it is over."""
        self._add({"story": {"name": name, "step": step, "steps": steps}})

    def begin_anew(self) -> None:
        """Forget what happened; whoever watches begins with an empty page. Numbers go on."""
        self._frames.clear()
        self.picture = None
        self._steps = 0
        self._add({"anew": True})

    def _add(self, content: Frame) -> None:
        self._count += 1
        self._frames.append({"frame": self._count, **content})
        self._wake()

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    @property
    def last(self) -> int:
        return self._count

    def after(self, number: int) -> list[Frame]:
        """The frames later than that number. A number from another session means: all."""
        if number > self._count:
            number = 0
        return [frame for frame in self._frames if frame["frame"] > number]

    async def follow(self, after: int = 0) -> AsyncIterator[list[Frame]]:
        """Bundles of frames as they come, first those already there; ends when the session closes."""
        if after > self._count:
            after = 0
        self.watchers += 1
        try:
            while not self._closed:
                grown = self._grown
                bundle = self.after(after)
                if bundle:
                    after = bundle[-1]["frame"]
                    yield bundle
                else:
                    await grown.wait()
        finally:
            self.watchers -= 1

    def close(self) -> None:
        self._closed = True
        self._wake()

    def ndjson(self) -> str:
        """The session as a file that the page can replay: a frame a line."""
        return "".join(
            json.dumps({"event": "ConsoleFrame", **frame}, ensure_ascii=False) + "\n"
            for frame in self._frames
            if "anew" not in frame
        )


def _still(picture: dict[str, Any]) -> dict[str, Any]:
    """The picture without its time: a clock that runs is no news, a clock that jumps comes as a step."""
    return {name: value for name, value in picture.items() if name != "at"}
