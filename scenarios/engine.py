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
from pathlib import Path
from typing import Protocol

from scenarios.events import (
    Checked,
    Event,
    Listener,
    PromiseJudged,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    StoryOutcome,
)
from scenarios.judging.verdicts import PROMISES, Promise, Ruling, Verdict
from scenarios.story import Need, NotPlayable, Story, Unmet
from wire.world import World

KIT = "opencrvs-nid-rehearsal"
"""The name under which the kit is installed."""


class Playable(Protocol):
    """What the engine needs of a stage; scripts use the whole of `scenarios.stage.stage.Stage`."""

    async def play(self, story: Story) -> None:
        """Run the script. Raises Unmet when it does not go as written."""

    async def crash(self) -> str:
        """How the part that is judged was found crashed; empty when it was not."""

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
    country: Path | None = None
    """The folder of a country's own files, with which our bridge plays; None: as each story says."""
    seed: int = 1
    spectators: bool = False
    """For spectators: from the present day on, with pauses where a story lets time go."""
    real_time: bool = False
    """On the system's clock, which no story moves: for parts that we did not start."""
    keep_going: bool = True
    most: int | None = 60
    """How many records a story with a crowd plays at most; None: as many as it likes."""


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
    _heard: Listener | None = None
    """Who hears which checks the present script has come to."""

    def tell(self, event: Event) -> None:
        if self._heard is not None:
            self._heard(event)
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

    def _world(self, story: str = "") -> World:
        seed = self.options.seed
        if self.options.spectators:
            return World.virtual(World.system().clock.now(), seed)
        # a part that we did not start remembers the people of the story before
        return World.system(f"{seed} {story}") if self.options.real_time else World.virtual(seed=seed)

    async def play(self, story: Story, number: int, total: int) -> ScenarioEnded:
        """Play one story, and tell it from its start to its end."""
        world = self._world(story.name)
        began = time.perf_counter()
        start = world.clock.now()
        self.tell(ScenarioStarted(start, story, number, total))
        came_to = _Came(StoryOutcome.NOT_PLAYED, [self._why_not(story)])
        try:
            if not any(came_to.failures):
                came_to = await self._on_stage(story, world)
        except asyncio.CancelledError:
            came_to.failures = ["interrupted before its end"]
            raise
        finally:
            played = came_to.outcome is not StoryOutcome.NOT_PLAYED
            seconds = time.perf_counter() - began if played else 0.0
            ending = ScenarioEnded(
                world.clock.now(),
                story,
                came_to.outcome,
                seconds,
                came_to.verdicts,
                tuple(came_to.failures),
                start,
                came_to.means or (story.means if came_to.outcome is StoryOutcome.FAILED else ""),
                came_to.unreached,
            )
            self.tell(ending)
        return ending

    def _why_not(self, story: Story) -> str:
        if self.options.profile not in story.profiles:
            return f"makes no sense with OpenCRVS {self.options.profile}: {', '.join(story.profiles)} only"
        if story.ours and Need.SETTINGS in self.lacks.keys() & story.needs:
            return story.ours
        return "; ".join(f"{need.value}: {why}" for need, why in self.lacks.items() if need in story.needs)

    async def _on_stage(self, story: Story, world: World) -> _Came:
        came_to = _Came()
        try:
            async with self.open_stage(story, world, self.options, self.tell) as stage:
                await self._play(stage, story, came_to)
                if crash := await stage.crash():
                    came_to.failures.insert(0, crash)
                await stage.rest()
                came_to.verdicts = await stage.verdicts()
                for verdict in came_to.verdicts:
                    self.tell(PromiseJudged(world.clock.now(), verdict))
        except NotPlayable as why:
            came_to.not_offered = str(why)
        except Unmet as unmet:
            came_to.failures.append(str(unmet))
        except Exception as error:  # noqa: BLE001 - one story's accident must not end the others
            came_to.failures.append(accident(error))
            came_to.outcome = StoryOutcome.ERROR
        return came_to.judged()

    async def _play(self, stage: Playable, story: Story, came_to: _Came) -> None:
        """The script alone: what it finds missing ends it, and nothing else."""
        reached: list[str] = []

        def listen(event: Event) -> None:
            if isinstance(event, Checked):
                reached.append(event.text)

        self._heard = listen
        try:
            await stage.play(story)
        except NotPlayable as why:
            came_to.not_offered = str(why)
        except Unmet as unmet:
            came_to.failures.append(str(unmet))
            came_to.means = unmet.means
            came_to.unreached = story.unreached(reached)
        finally:
            self._heard = None


@dataclass
class _Came:
    """What a story has come to so far."""

    outcome: StoryOutcome = StoryOutcome.PASSED
    failures: list[str] = field(default_factory=list)
    verdicts: tuple[Verdict, ...] = ()
    means: str = ""
    unreached: tuple[str, ...] = ()
    not_offered: str = ""

    def judged(self) -> _Came:
        broken = any(verdict.ruling is Ruling.BROKEN for verdict in self.verdicts)
        if self.outcome is StoryOutcome.PASSED and (self.failures or broken):
            self.outcome = StoryOutcome.FAILED
        elif self.outcome is StoryOutcome.PASSED and self.not_offered:
            self.outcome, self.failures, self.verdicts = StoryOutcome.NOT_PLAYED, [self.not_offered], ()
        return self


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
