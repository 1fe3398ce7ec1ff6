"""JSON Schemas of what runs write: the result, and the events of `--ndjson`, one object a line. Pure."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from scenarios import events
from scenarios.reports.plain import story_json
from scenarios.reports.result import Result
from scenarios.story import Story

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EVENTS = (
    events.RunStarted,
    events.ScenarioStarted,
    events.Told,
    events.Exchanged,
    events.TimePassed,
    events.Checked,
    events.PromiseJudged,
    events.ScenarioEnded,
    events.RunEnded,
)


def result_schema() -> str:
    schema = Result.model_json_schema(mode="serialization")
    return _written({"$schema": DIALECT, "title": "Result of a rehearsal", **schema})


def events_schema() -> str:
    """The first line of a file is RunStarted, the last RunEnded."""
    return _written(
        {"$schema": DIALECT, "title": "Event of a rehearsal", "oneOf": [_event(one) for one in EVENTS]}
    )


def _written(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _event(kind: Any) -> dict[str, Any]:
    shape = _object(kind)
    own: dict[str, Any] = {"event": {"const": kind.__name__}}
    match kind.__name__:
        case "Exchanged":
            own["what"] = {"type": "string"}
        case "ScenarioStarted":
            own["story"] = _closed({name: {} for name in story_json(_ANY)})
        case "RunEnded":
            own["endings"] = {"type": "object", "additionalProperties": _type(events.StoryOutcome)}
            own["failed"] = {"type": "boolean"}
    return {"title": kind.__name__, **_closed({**shape["properties"], **own})}


async def _nothing(stage: Any) -> None:
    pass


_ANY = Story("", "", "", "", _nothing)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _object(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return _closed({one.name: _type(hints[one.name]) for one in fields(kind)})


_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}


def _type(kind: Any) -> dict[str, Any]:
    """What `scenarios.reports.plain` makes of a value of this type."""
    if get_origin(kind) is UnionType:
        return {"anyOf": [_type(one) for one in get_args(kind)]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _type(get_args(kind)[0])}
    if kind is Story:
        return {"type": "string"}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    if issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    return _object(kind) if is_dataclass(kind) else {"type": _PLAIN[kind]}
