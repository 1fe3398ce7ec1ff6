"""Recorded exchanges, to be said again: found by who called whom, sent byte by byte, compared by shape."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
from multidict import CIMultiDict

from tests.known import recording

TIME = re.compile(r"2026-11-23T\d\d:\d\d:\d\d\.\d{3}Z")
"""When it was recorded; nothing else in the recordings is of that day."""

_OWN = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}


@dataclass(frozen=True)
class Recorded:
    """One recorded exchange."""

    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def body(self) -> str:
        return str(self.request["body"])

    @property
    def told(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def headers(self) -> dict[str, str]:
        """What the caller set itself; the rest belongs to the connection."""
        return {name: value for name, value in self.request["headers"] if name.lower() not in _OWN}


@dataclass(frozen=True)
class Answer:
    """What our server said."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


def find(file: str, hop: str, path: str = "", *, phase: int | None = None) -> Recorded:
    """The first exchange of that hop whose target holds `path`, in a phase or in the start-up (None)."""
    flow = recording(file)
    exchanges = flow["startup"] if phase is None else flow["phases"][phase]["exchanges"]
    one = next(e for e in exchanges if e["hop"] == hop and path in e["request"]["target"])
    return Recorded(one["request"], one["response"])


async def say(
    session: ClientSession, base: str, said: Recorded, body: str, headers: dict[str, str] | None = None
) -> Answer:
    """Send it to `base` with the recorded method, target and headers."""
    async with session.request(
        said.request["method"],
        base + said.request["target"],
        data=body.encode() or None,
        headers={**said.headers, **(headers or {})},
        skip_auto_headers=("Content-Type", "User-Agent", "Accept"),
    ) as answer:
        return Answer(answer.status, CIMultiDict(answer.headers), await answer.read())


def unlike(got: Any, told: Any, path: str = "") -> list[str]:
    """Where the shape of `got` differs from the recorded one: names and kinds, never values.

    Of a list the first elements are compared.
    """
    if isinstance(got, dict) and isinstance(told, dict):
        here = [f"+{path}{name}" for name in got if name not in told]
        here += [f"-{path}{name}" for name in told if name not in got]
        return here + [
            d for name in told if name in got for d in unlike(got[name], told[name], f"{path}{name}.")
        ]
    if isinstance(got, list) and isinstance(told, list):
        return unlike(got[0], told[0], f"{path}0.") if got and told else []
    if type(got) is not type(told):
        return [f"{path.rstrip('.')}: {type(got).__name__}, not {type(told).__name__}"]
    return []
