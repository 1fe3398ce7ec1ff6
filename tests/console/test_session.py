"""The session: numbered frames, followed from any of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from scenarios.console.replay import chapters
from scenarios.console.session import FrameLog
from scenarios.console.steps import note

AT = "2026-03-02T08:00:00.000Z"


def picture(**more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"answers": "ask", "abilities": {}, "systems": {}, "lines": {}, "queues": []}
    return {"at": AT, "records": [], **empty, **more}


async def test_a_follower_gets_what_was_and_what_comes() -> None:
    session = FrameLog(10)
    session.step(note(AT, "bridge", "bridge.up"))
    following = session.follow()
    first = await anext(following)
    assert [frame["frame"] for frame in first] == [1]
    coming = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)
    session.step(note(AT, "bridge", "bridge.down"))
    assert [frame["step"]["key"] for frame in await coming] == ["bridge.down"]
    await following.aclose()
    assert session.watchers == 0


async def test_a_browser_of_an_earlier_session_gets_everything() -> None:
    session = FrameLog(10)
    session.step(note(AT, "bridge", "bridge.up"))
    assert [frame["frame"] for frame in await anext(session.follow(after=99))] == [1]


async def test_closing_ends_every_follower() -> None:
    session = FrameLog(10)
    following = asyncio.ensure_future(anext(session.follow(), None))
    await asyncio.sleep(0)
    session.close()
    assert await following is None


def test_a_picture_that_shows_nothing_new_is_no_frame() -> None:
    session = FrameLog(10)
    session.show(picture())
    session.show(picture(at="2026-03-02T08:00:01.000Z"))
    assert session.last == 1
    session.show(picture(records=[{"id": "1"}]))
    assert session.last == 2


def test_a_saved_session_can_be_played_again() -> None:
    session = FrameLog(10)
    session.step(note(AT, "nid", "nid.issue", who="Chanda Mulenga"))
    session.show(picture())
    (chapter,) = chapters(session.ndjson())
    assert [sorted(frame) for frame in chapter["frames"]] == [["step"], ["picture"]]
    assert all(json.loads(line)["event"] == "ConsoleFrame" for line in session.ndjson().splitlines())
