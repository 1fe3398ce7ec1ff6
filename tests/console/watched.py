"""Records in the console, waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.console.conftest import House

Frame = dict[str, Any]


def told(key: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.get("step", {}).get("key") == key


async def declared(house: House, event: str = "birth") -> str:
    status, answer = await house.act("declare", {"event": event})
    assert status == 200, answer
    return str(answer["record"])


async def until(house: House, wanted: Callable[[Frame], bool], after: int = 0) -> Frame:
    """The first frame for which it holds; waits for it."""
    async with asyncio.timeout(30):
        async for bundle in house.console.session.follow(after):
            for frame in bundle:
                if wanted(frame):
                    return frame
    raise AssertionError("the session ended")


def stage(record: str, name: str) -> Callable[[Frame], bool]:
    """A picture in which the record has reached this stage."""

    def reached(frame: Frame) -> bool:
        rows = frame.get("picture", {}).get("records", [])
        return any(row["id"] == record and row["stage"] == name for row in rows)

    return reached


def counted(slug: str, count: int) -> Callable[[Frame], bool]:
    """A picture whose workqueue of that name holds so many."""
    wanted = (slug, count)
    return lambda frame: (
        wanted in [(q["slug"], q["count"]) for q in frame.get("picture", {}).get("queues", [])]
    )


async def waiting(house: House) -> tuple[str, int]:
    """A birth whose packet lies with the ID system."""
    after = house.console.session.last
    record = await declared(house)
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "processing"), after)
    return record, after


def row(house: House, record: str) -> dict[str, Any]:
    assert house.console.session.picture is not None
    return next(one for one in house.console.session.picture["records"] if one["id"] == record)
