"""Plays stories one after the other and tells what happens as events. It decides nothing about them.

A story passes when its script ends without an unmet expectation and no promise is broken.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Protocol

from scenarios.events import (
    Event,
    Listener,
    Outcome,
    PromiseJudged,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
)
from scenarios.judging.verdicts import PROMISES, Promise, Ruling, Verdict
from scenarios.story import Need, Story
from wire.world import World

KIT = "opencrvs-nid-rehearsal"
"""The name under which the kit is installed."""


class Unmet(Exception):
    """An expectation of a script that was not met; the message says what was seen instead."""


class NeverHappened(Unmet):
    """What a story waited for did not come within its time."""


class Playable(Protocol):
    """What the engine needs of a stage; scripts use the whole of `scenarios.stage.stage.Stage`."""

    async def play(self, story: Story) -> None:
        """Run the script. Raises Unmet when it does not go as written."""

    async def rest(self) -> None:
        """Let time go until nothing is left to come."""

    async def verdicts(self) -> tuple[Verdict, ...]:
        """What is promised, judged by what can be seen now."""


@dataclass(frozen=True)
class Options:
    """How a run is played. `most`: the records that a story plays with at once; None: all that it has."""

    profile: str = "2.0"
    locale: str | None = None
    """Whose names people have; None: what the servers' settings say."""
    seed: int = 1
    spectators: bool = False
    """For spectators: from the present day on, with pauses where a story lets time go."""
    real_time: bool = False
    """On the system's clock, which no story moves: for parts that we did not start."""
    keep_going: bool = True
    most: int | None = 100


Opener = Callable[[Story, World, Options, Listener], AbstractAsyncContextManager[Playable]]


@dataclass
class Engine:
    """One run. `open_stage` puts the servers up; `lacks` says what this stage cannot offer, and why."""

    open_stage: Opener
    options: Options = field(default_factory=Options)
    listeners: Sequence[Listener] = ()
    against: str = "our own parts"
    lacks: dict[Need, str] = field(default_factory=dict)
    promises: tuple[Promise, ...] = PROMISES
    """What the stage's verdicts are about, in their order."""

    def tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    async def run(self, stories: Iterable[Story]) -> RunEnded:
        """Play them in order; without `keep_going` the first failure ends the run, and so does Ctrl-C."""
        chosen = tuple(stories)
        began = time.perf_counter()
        self.begins(chosen)
        endings: list[ScenarioEnded] = []
        try:
            for number, story in enumerate(chosen, start=1):
                endings.append(await self.play(story, number, len(chosen)))
                if endings[-1].failed and not self.options.keep_going:
                    break
        except asyncio.CancelledError:
            return self.ends(endings, time.perf_counter() - began, interrupted=True)
        return self.ends(endings, time.perf_counter() - began)

    def begins(self, chosen: tuple[Story, ...]) -> None:
        """Tell that a run of these stories starts."""
        clock = "real time" if self.options.real_time else "virtual clock"
        clock = "real time, long waits shortened" if self.options.spectators else clock
        profile, seed = self.options.profile, self.options.seed
        began = World.system().clock.now()
        self.tell(
            RunStarted(
                self.now(), chosen, profile, seed, clock, self.against, began, version(KIT), self.promises
            )
        )

    def ends(
        self, endings: Sequence[ScenarioEnded], seconds: float, *, interrupted: bool = False
    ) -> RunEnded:
        """Tell that a run is over."""
        at = endings[-1].at if endings else self.now()
        ended = RunEnded(at, tuple(endings), seconds, interrupted)
        self.tell(ended)
        return ended

    def now(self) -> datetime:
        """When a story would start."""
        return self._world().clock.now()

    def _world(self) -> World:
        seed = self.options.seed
        if self.options.spectators:
            return World.virtual(World.system().clock.now(), seed)
        return World.system(seed) if self.options.real_time else World.virtual(seed=seed)

    async def play(self, story: Story, number: int, total: int) -> ScenarioEnded:
        """Play one story, and tell it from its start to its end."""
        world = self._world()
        began = time.perf_counter()
        start = world.clock.now()
        self.tell(ScenarioStarted(start, story, number, total))
        outcome = Outcome.NOT_PLAYED
        verdicts: tuple[Verdict, ...] = ()
        failures: tuple[str, ...] = (self._why_not(story),)
        try:
            if not any(failures):
                outcome, verdicts, failures = await self._on_stage(story, world)
        except asyncio.CancelledError:
            failures = ("interrupted before its end",)
            raise
        finally:
            seconds = 0.0 if outcome is Outcome.NOT_PLAYED else time.perf_counter() - began
            ending = ScenarioEnded(world.clock.now(), story, outcome, seconds, verdicts, failures, start)
            self.tell(ending)
        return ending

    def _why_not(self, story: Story) -> str:
        if self.options.profile not in story.profiles:
            return f"makes no sense with OpenCRVS {self.options.profile}: {', '.join(story.profiles)} only"
        return "; ".join(f"{need.value}: {why}" for need, why in self.lacks.items() if need in story.needs)

    async def _on_stage(
        self, story: Story, world: World
    ) -> tuple[Outcome, tuple[Verdict, ...], tuple[str, ...]]:
        failures: list[str] = []
        verdicts: tuple[Verdict, ...] = ()
        outcome = Outcome.PASSED
        try:
            async with self.open_stage(story, world, self.options, self.tell) as stage:
                try:
                    await stage.play(story)
                except Unmet as unmet:
                    failures.append(str(unmet))
                await stage.rest()
                verdicts = await stage.verdicts()
                for verdict in verdicts:
                    self.tell(PromiseJudged(world.clock.now(), verdict))
        except Unmet as unmet:
            failures.append(str(unmet))
        except Exception as error:  # noqa: BLE001 - one story's accident must not end the others
            failures.append(accident(error))
            outcome = Outcome.ERROR
        broken = any(v.ruling is Ruling.BROKEN for v in verdicts)
        if outcome is Outcome.PASSED and (failures or broken):
            outcome = Outcome.FAILED
        return outcome, verdicts, tuple(failures)


def accident(error: BaseException) -> str:
    """An unforeseen error with the place in our own code where it came up."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    ours = [frame for frame in frames if "/site-packages/" not in frame]
    where = f" ({ours[-1].rsplit('/', 2)[-2]}/{ours[-1].rsplit('/', 1)[-1]})" if ours else ""
    return f"{type(error).__name__}: {error}{where}"
