"""A finished run of the engine, line by line, and what is no run."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.console.replay import NoRun, chapters
from scenarios.engine import Engine, Options
from scenarios.library import choose
from scenarios.reports.plain import NdjsonReport
from scenarios.stage.setup import opener
from scenarios.story import Story


def line(event: str, **fields: object) -> str:
    return json.dumps({"event": event, "at": "2026-03-02T08:00:00.000Z", **fields})


STARTED = line("ScenarioStarted", story={"name": "one", "title": "The first"}, number=1, total=1)
ASKED = {
    "operation": "event.actions.register.request",
    "what": "clicks Register",
    "status": 200,
    "target": "POST /events/x?batch=1",
}


def test_a_run_becomes_chapters_of_steps() -> None:
    text = "\n".join(
        [
            line("RunStarted", stories=["one"]),
            STARTED,
            line("Told", who="registrar", text="declares"),
            line("Exchanged", sender="registrar", receiver="OpenCRVS", **ASKED),
            line("TimePassed", since="2026-02-28T08:00:00.000Z"),
            line("Checked", text="it waits", met=False, seen="nothing"),
            line(
                "PromiseJudged",
                verdict={"promise": {"number": 1, "text": "never in silence"}, "ruling": "kept"},
            ),
            line("ScenarioEnded", story="one", outcome="failed"),
            line("RunEnded"),
        ]
    )
    (chapter,) = chapters(text)
    assert (chapter["name"], chapter["title"], chapter["outcome"]) == ("one", "The first", "failed")
    steps = [frame["step"] for frame in chapter["frames"]]
    assert [step["key"] for step in steps] == ["told", "wire", "time.days", "check.unmet", "promise.kept"]
    assert (steps[1]["from"], steps[1]["to"], steps[1]["wire"]) == ("registrar", "opencrvs", "POST /events/x")
    assert [step["good"] for step in steps] == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        ("hello", 1),
        (f"{STARTED}\n[1]", 2),
        (f"{STARTED}\n" + line("Told", who="nobody", text="x"), 2),
        (
            f"{STARTED}\n"
            + line("Exchanged", sender="registrar", receiver="OpenCRVS", operation="x", what="x", status="y"),
            2,
        ),
        (line("ScenarioEnded", story="one", outcome="passed"), 1),
        (STARTED, 0),
    ],
)
def test_what_is_no_run_is_refused_with_its_line(text: str, at: int) -> None:
    with pytest.raises(NoRun) as refused:
        chapters(text)
    assert refused.value.line == at


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(
    ["ConsoleFrame", "ScenarioStarted", "ScenarioEnded", "Told", "Exchanged", "Checked", "?"]
)
fields = st.dictionaries(
    st.sampled_from(["story", "who", "text", "at", "step", "picture", "sender", "status", "verdict"]),
    json_values,
)


@given(st.lists(st.tuples(kinds, fields), max_size=4))
def test_no_file_of_anybody_breaks_the_reader(events: list[tuple[str, dict[str, object]]]) -> None:
    text = "\n".join(json.dumps({"event": kind, **more}) for kind, more in events)
    with contextlib.suppress(NoRun):
        assert chapters(text)


async def test_what_the_engine_writes_can_be_played(rehearsal_keys: Path) -> None:
    stream = io.StringIO()
    engine = Engine(opener(rehearsal_keys), Options(), [NdjsonReport(stream)])
    stories: list[Story] = choose(["sync_success"])
    await engine.run(stories)
    (chapter,) = chapters(stream.getvalue())
    assert chapter["outcome"] == "passed"
    assert {"told", "wire", "check.met", "promise.kept"} <= {
        frame["step"]["key"] for frame in chapter["frames"]
    }
