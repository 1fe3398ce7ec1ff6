"""A run with every kind of event and every outcome, for the reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scenarios.events import (
    Checked,
    Event,
    Exchanged,
    PromiseJudged,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    StoryOutcome,
    TimePassed,
    Told,
)
from scenarios.judging.verdicts import PROMISES, Breach, Ruling, Verdict
from scenarios.story import Actor, Story

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
T1 = T0 + timedelta(days=8)
BEGAN = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


async def _play(stage: object) -> None:
    raise AssertionError("a report plays nothing")


def story(name: str) -> Story:
    return Story(
        name, f"The <story> of {name}", "A country learns.", "A bridge does.", _play, frozenset({"birth"})
    )


FINDING = Breach("birth K7QX2M (Chanda & Mulenga)", "waits in silence", ("asked 202", "no list names it"))
KEPT = tuple(Verdict(promise, Ruling.KEPT, "1 record") for promise in PROMISES)
BROKEN = (Verdict(PROMISES[0], Ruling.BROKEN, "1 answered 202", (FINDING,)), *KEPT[1:])
HAPPENED: tuple[Event, ...] = (
    Told(T0, Actor.REGISTRAR, "declares [a birth]"),
    Exchanged(
        T0,
        Actor.OPENCRVS,
        Actor.BRIDGE,
        "trigger.REGISTER",
        202,
        "POST /x",
        '{"a": "<b>"}',
        "\x01",
    ),
    Exchanged(T0, Actor.BRIDGE, Actor.NID, "packet.create", None, injected=("reset",), note="cut"),
    TimePassed(T1, T0),
    Checked(T1, "the record is registered", False, "status DECLARED"),
    Checked(T1, "nothing else", True),
)


def run() -> list[Event]:
    good, bad, skipped = story("good"), story("bad"), story("skipped")
    endings = (
        ScenarioEnded(T1, good, StoryOutcome.PASSED, 0.5, KEPT, (), T0),
        ScenarioEnded(T1, bad, StoryOutcome.FAILED, 0.7, BROKEN, ("expected: it is registered",), T0),
        ScenarioEnded(T0, skipped, StoryOutcome.NOT_PLAYED, 0.0, (), ("its clock is its own",), T0),
    )
    told: list[Event] = [
        RunStarted(T0, (good, bad, skipped), "2.0", 1, "virtual clock", "our own parts", BEGAN, "0.1.0")
    ]
    for number, ending in enumerate(endings, start=1):
        told.append(ScenarioStarted(T0, ending.story, number, 3))
        if ending.outcome is not StoryOutcome.NOT_PLAYED:
            told.extend(HAPPENED)
            told.extend(PromiseJudged(T1, verdict) for verdict in ending.verdicts)
        told.append(ending)
    return [*told, RunEnded(T1, endings, 1.2)]
