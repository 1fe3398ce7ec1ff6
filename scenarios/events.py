"""What happens in a run, as values. The engine emits them in order; every report is a listener.

Instants are those of the run's clock (aware UTC); `seconds` are real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scenarios.judging.verdicts import PROMISES, Promise, Verdict
from scenarios.requirements import plan
from scenarios.story import Actor, Story


class StoryOutcome(StrEnum):
    """How a scenario ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_PLAYED = "not played"


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    stories: tuple[Story, ...]
    profile: str
    seed: int
    clock: str
    against: str
    """`our own parts`, or the address of the foreign part."""
    began: datetime
    """When it was played: real time, whatever the stories' clock says."""
    kit: str
    """The version of the kit that played it."""
    promises: tuple[Promise, ...] = PROMISES
    """What is judged after each scenario: of a foreign part also what it owes itself."""
    plan: str = field(default_factory=plan)
    """The version of what is asked, and of the stories that ask it."""


@dataclass(frozen=True, slots=True)
class ScenarioStarted(Event):
    story: Story
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Told(Event):
    """Somebody did something, in plain words."""

    who: Actor
    text: str


@dataclass(frozen=True, slots=True)
class Exchanged(Event):
    """One request and its answer on the wire, redacted by the mock that saw it."""

    sender: Actor
    receiver: Actor
    operation: str
    """As the journal calls it, or words where no journal saw it."""
    status: int | None
    target: str = ""
    request: str = ""
    response: str = ""
    injected: tuple[str, ...] = ()
    """Faults that were played on purpose in it."""
    note: str = ""
    records: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.status is not None and self.status < 400

    @property
    def answer(self) -> str:
        """The status, in words where none came."""
        return "no answer" if self.status is None else str(self.status)


@dataclass(frozen=True, slots=True)
class TimePassed(Event):
    """The clock stood at `since` and was moved to `at`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Checked(Event):
    """Something that the script expected. `seen` says what was found instead when it is not met."""

    text: str
    met: bool
    seen: str = ""
    shows: tuple[str, ...] = ()
    """The requirements that it is a look at, by id."""


@dataclass(frozen=True, slots=True)
class PromiseJudged(Event):
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ScenarioEnded(Event):
    story: Story
    outcome: StoryOutcome
    seconds: float
    verdicts: tuple[Verdict, ...] = ()
    failures: tuple[str, ...] = ()
    """Expectations that were not met, errors, or why it was not played."""
    began: datetime | None = None
    means: str = ""
    """What its failure says about the part that is judged."""
    unreached: tuple[str, ...] = ()
    """What it would have looked at after the place where it stopped."""

    @property
    def failed(self) -> bool:
        """Whether something of it is not as it should be."""
        return self.outcome in (StoryOutcome.FAILED, StoryOutcome.ERROR)


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    endings: tuple[ScenarioEnded, ...]
    seconds: float
    interrupted: bool = False
    """Whether somebody stopped it before all was played."""

    @property
    def failed(self) -> bool:
        return any(ending.failed for ending in self.endings)


Listener = Callable[[Event], None]
