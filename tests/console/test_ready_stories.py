"""Ready stories are told over the real systems, to their end."""

from __future__ import annotations

import pytest

from scenarios.console import ready_stories
from scenarios.console.ready_stories import STORIES
from tests.console.conftest import House
from tests.console.watched import stage, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("name", STORIES)
async def test_a_ready_story_is_told_to_its_end(house: House, name: str) -> None:
    after = house.console.session.last
    assert (await house.post("/story/begin", {"story": name}))[0] == 200
    for _ in STORIES[name][1:]:
        status, problem = await house.post("/story/next", {})
        assert status == 200, problem
    assert (await house.post("/story/next", {}))[1]["key"] == "story-over"
    assert (await house.post("/story/end", {}))[0] == 200
    frames = house.console.session.after(after)
    told = [(frame["story"]["name"], frame["story"]["step"]) for frame in frames if "story" in frame]
    assert told == [(name, step + 1) for step in range(len(STORIES[name]))] + [(None, 0)]
    assert house.console.session.picture is not None
    assert house.console.session.picture["records"][-1]["stage"] == "registered"
    assert set(house.console.session.picture["lines"].values()) == {"whole"}
    if name == "forged":
        forged = next(frame["step"] for frame in frames if frame.get("step", {}).get("from") == "stranger")
        assert (forged["key"], forged["good"]) == ("forged.refused", True)


async def test_a_story_that_somebody_disturbs_can_be_gone_on_with(house: House) -> None:
    after = house.console.session.last
    assert (await house.post("/story/begin", {"story": "review"}))[0] == 200
    assert house.console.session.picture is not None
    record = house.console.session.picture["records"][-1]["id"]
    assert (await house.act("line", {"line": "nid", "cut": True}))[0] == 200
    ready_stories.PATIENCE, before = 1.0, ready_stories.PATIENCE
    try:
        status, problem = await house.post("/story/next", {})
    finally:
        ready_stories.PATIENCE = before
    assert (status, problem["key"]) == (409, "story-astray")
    await until(house, stage(record, "queued-trouble"), after)
    assert (await house.post("/story/end", {}))[0] == 200
    assert house.servers.nid.faults.listed() == []
