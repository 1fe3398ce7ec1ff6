"""What happens around the three systems: a record is looked for, and all begins afresh."""

from __future__ import annotations

import asyncio

import pytest

from scenarios.console import reading
from tests.console.conftest import House
from tests.console.watched import declared, row, stage, until, waiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_record_is_found_although_many_newer_ones_came(house: House) -> None:
    record = await declared(house)
    name, tracking = row(house, record)["name"], row(house, record)["tracking"]
    for _ in range(reading.RECENT):
        await declared(house)
    assert house.console.session.picture is not None
    assert record not in [one["id"] for one in house.console.session.picture["records"]]
    for text in (name.upper(), tracking.lower()):
        assert record in (await house.act("find", {"text": text}))[1]["records"]
        assert row(house, record)["name"] == name
    assert (await house.act("find", {"text": "nobody of that name"}))[1]["records"] == []


def listeners() -> list[str]:
    """Who waits for messages of the hub, by topic."""
    return sorted(name for task in asyncio.all_tasks() if (name := task.get_name()).startswith("hub "))


async def test_start_afresh_leaves_nothing_behind(house: House) -> None:
    record, _ = await waiting(house)
    listened = listeners()
    assert (await house.act("line", {"line": "nid", "cut": True}))[0] == 200
    before = house.console.session.last
    assert (await house.act("afresh", {}))[0] == 200
    picture = house.console.session.picture
    assert picture is not None and picture["records"] == []
    assert set(picture["lines"].values()) == {"whole"}
    (first, *_) = house.console.session.after(before)
    assert first.get("anew")
    status, problem = await house.act("register", {"record": record})
    assert (status, problem["key"]) == (404, "no-record")
    record, after = await waiting(house)
    assert (await house.act("decide", {"record": record, "outcome": "issue"}))[0] == 200
    await until(house, stage(record, "registered"), after)
    assert listened and listeners() == listened
