"""A finished run as the page can play it: NDJSON of the engine's events, or of a console session. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.console.steps import ACTOR_IDS, BODY, Step, key_of, moved
from testbed.journal import Direction, Exchange
from wire.world import parse_timestamp

Json = dict[str, Any]

_ACTORS = {actor.value: short for actor, short in ACTOR_IDS.items()}


class NoRun(ValueError):
    """A text that is no run; `line` says where it went wrong, 0 for the whole."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}" if line else why)
        self.line, self.why = line, why


def chapters(text: str) -> list[Json]:
    """`[{"name", "title", "outcome", "frames": […]}]`: a chapter for each scenario, or one for a session."""
    found: list[Json] = []
    for number, event in _events(text):
        try:
            _take(event, found)
        except (LookupError, TypeError, ValueError, AttributeError) as wrong:
            raise NoRun(number, f"this event cannot be read ({type(wrong).__name__}: {wrong})") from wrong
    found = [chapter for chapter in found if chapter["frames"]]
    if not found:
        raise NoRun(0, "there is nothing to play in it")
    return found


def _events(text: str) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            raise NoRun(number, "this is no JSON") from None
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise NoRun(number, "this is no event of a rehearsal")
        yield number, event


def _take(event: Json, found: list[Json]) -> None:
    match event["event"]:
        case "ConsoleFrame":
            if not found:
                found.append(_chapter("session", "", []))
            found[-1]["frames"].append(_frame(event))
        case "ScenarioStarted":
            story = event["story"]
            found.append(_chapter(str(story["name"]), str(story["title"]), []))
        case "ScenarioEnded":
            found[-1]["outcome"] = str(event["outcome"])
        case "Told" | "Exchanged" | "TimePassed" | "Checked" | "PromiseJudged":
            if found:
                step = _step(event, len(found[-1]["frames"]) + 1)
                found[-1]["frames"].append({"step": step.as_json()})
        case _:
            pass


_SHAPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "step": {
        "at": str,
        "kind": str,
        "from": str,
        "to": str,
        "key": str,
        "params": dict,
        "status": (int, type(None)),
        "good": bool,
        "minor": bool,
        "injected": list,
        "wire": str,
        "sent": str,
        "got": str,
    },
    "story": {"name": (str, type(None)), "step": int, "steps": int},
    "picture": {
        "at": str,
        "answers": str,
        "systems": dict,
        "lines": dict,
        "records": list,
        "queues": list,
    },
}
"""What the page reads of a frame without asking."""


def _frame(event: Json) -> Json:
    """One step, picture or narrator's line of a saved session, with all that the page needs of it."""
    (kind,) = (name for name in _SHAPES if name in event)
    content = event[kind]
    for name, shape in _SHAPES[kind].items():
        if not isinstance(content[name], shape):
            raise TypeError(f"{kind}.{name}")
    if "at" in content:
        parse_timestamp(content["at"])
    for record in content.get("records", ()):
        if not (isinstance(record["id"], str) and isinstance(record["can"], list)):
            raise TypeError("a record")
    for queue in content.get("queues", ()):
        if not isinstance(queue["slug"], str):
            raise TypeError("a queue")
    return {kind: content}


def _chapter(name: str, title: str, frames: list[Json]) -> Json:
    return {"name": name, "title": title, "outcome": "", "frames": frames}


def _step(event: Mapping[str, Any], number: int) -> Step:
    at = str(event["at"])
    parse_timestamp(at)
    match event["event"]:
        case "Told":
            who = _ACTORS[event["who"]]
            return Step(at, "note", who, who, "told", {"text": str(event["text"])}, number=number)
        case "TimePassed":
            gone: float = (
                parse_timestamp(str(event["at"])) - parse_timestamp(str(event["since"]))
            ).total_seconds()
            step = moved(at, gone)
            return Step(at, "time", "director", "director", step.key, step.params, number=number)
        case "Checked":
            params = {"text": str(event["text"]), "seen": str(event.get("seen") or "")}
            key = "check.met" if event["met"] else "check.unmet"
            return Step(
                at, "check", "director", "director", key, params, good=bool(event["met"]), number=number
            )
        case "PromiseJudged":
            return _judged(at, event["verdict"], number)
        case _:
            return _exchanged(at, event, number)


def _judged(at: str, verdict: Mapping[str, Any], number: int) -> Step:
    promise, ruling = verdict["promise"], str(verdict["ruling"])
    params = {"number": int(promise["number"]), "text": str(promise["text"]), "ruling": ruling}
    good = ruling != "broken"
    key = "promise.kept" if ruling == "kept" else "promise.broken" if not good else "promise.unjudged"
    return Step(at, "check", "director", "director", key, params, good=good, number=number)


def _exchanged(at: str, event: Mapping[str, Any], number: int) -> Step:
    sender, receiver = _ACTORS[event["sender"]], _ACTORS[event["receiver"]]
    status = event["status"]
    if status is not None and not isinstance(status, int):
        raise TypeError("status is a number or null")
    injected = tuple(str(fault) for fault in event.get("injected") or ())
    method, _, target = str(event.get("target") or "").partition(" ")
    direction: Direction = "out" if sender in ("opencrvs", "nid") and receiver == "bridge" else "in"
    key = key_of(Exchange(number, at, "", direction, str(event["operation"]), method, target, status))
    minor = key in ("token", "subscribe", "intent", "login", "assign")
    return Step(
        at,
        "message",
        sender,
        receiver,
        "wire",
        {"text": str(event["what"]), "status": "" if status is None else status},
        status=status,
        good=status is not None and status < 400,
        minor=minor and status is not None and status < 400,
        injected=injected,
        wire=f"{method} {target.split('?', 1)[0]}".strip(),
        sent=str(event.get("request") or "")[:BODY],
        got=str(event.get("response") or "")[:BODY],
        number=number,
    )
