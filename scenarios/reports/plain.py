"""Events as JSON: one object per event, the kind first. NDJSON is one such object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

from scenarios.events import Event, Exchanged, RunEnded, RunStarted, ScenarioEnded, ScenarioStarted
from scenarios.reports.words import words
from scenarios.story import Story
from wire.world import timestamp


def as_json(event: Event) -> dict[str, Any]:
    """An event as a JSON object: `{"event": "Exchanged", "at": "2026-…Z", …}`."""
    shown: dict[str, Any] = {"event": type(event).__name__}
    for one in fields(event):
        shown[one.name] = _value(getattr(event, one.name))
    match event:
        case Exchanged():
            shown["what"] = words(event)
        case RunStarted():
            shown["stories"] = [story.name for story in event.stories]
        case ScenarioStarted():
            shown["story"] = story_json(event.story)
        case ScenarioEnded():
            shown["story"] = event.story.name
        case RunEnded():
            shown["endings"] = {ending.story.name: ending.outcome.value for ending in event.endings}
            shown["failed"] = event.failed
    return shown


def story_json(story: Story) -> dict[str, Any]:
    """A story's words and marks; its setup is no part of them."""
    return {
        "name": story.name,
        "title": story.title,
        "learns": story.learns,
        "goodBridge": story.good_bridge,
        "means": story.means,
        "tags": sorted(story.tags),
        "ranked": list(story.ranked),
        "profiles": list(story.profiles),
        "needs": sorted(need.name for need in story.needs),
    }


def _value(value: Any) -> Any:
    match value:
        case Story():
            return value.name
        case Enum():
            return value.value
        case datetime():
            return timestamp(value)
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _value(item) for key, item in value.items()}
        case tuple() | list() | frozenset():
            return [_value(item) for item in value]
        case _ if hasattr(value, "__dataclass_fields__"):
            return {one.name: _value(getattr(value, one.name)) for one in fields(value)}
        case _:
            return value


class NdjsonReport:
    """Writes every event as it comes: to a file, or to an open stream."""

    def __init__(self, to: Path | TextIO) -> None:
        self._stream: TextIO = to.open("w", encoding="utf-8") if isinstance(to, Path) else to
        self._own = isinstance(to, Path)

    def __call__(self, event: Event) -> None:
        self._stream.write(json.dumps(as_json(event), ensure_ascii=False) + "\n")
        self._stream.flush()
        if self._own and isinstance(event, RunEnded):
            self._stream.close()
