"""A run as a whole: the events of each scenario gathered into a chapter, for reports written at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from scenarios.events import Event, RunEnded, RunStarted, ScenarioEnded, ScenarioStarted, StoryOutcome
from scenarios.judging.verdicts import PROMISES, Promise, Ruling

T = TypeVar("T")


@dataclass(frozen=True)
class LeftOut:
    """So many items that a report does not show."""

    many: int


def shortened(items: Sequence[T], first: int, last: int) -> list[T | LeftOut]:
    """The first and the last of a long run, with the number of those between."""
    if len(items) <= first + last:
        return list(items)
    return [*items[:first], LeftOut(len(items) - first - last), *items[len(items) - last :]]


@dataclass
class Chapter:
    """One scenario with everything that happened in it."""

    started: ScenarioStarted
    events: list[Event] = field(default_factory=list)
    ended: ScenarioEnded | None = None

    @property
    def name(self) -> str:
        return self.started.story.name

    @property
    def outcome(self) -> StoryOutcome:
        return self.ended.outcome if self.ended else StoryOutcome.ERROR

    @property
    def failed(self) -> bool:
        return self.outcome in (StoryOutcome.FAILED, StoryOutcome.ERROR)

    @property
    def lived(self) -> timedelta:
        """How much time of the run's clock it took."""
        return self.ended.at - self.started.at if self.ended else timedelta()

    def complaints(self) -> list[str]:
        """Everything that makes it fail, one sentence each, evidence included."""
        if self.ended is None:
            return ["the run ended before the scenario did"]
        lines = list(self.ended.failures)
        for verdict in self.ended.verdicts:
            if verdict.ruling is Ruling.BROKEN:
                for finding in verdict.findings:
                    proof = f" [{'; '.join(finding.evidence)}]" if finding.evidence else ""
                    lines.append(
                        f"promise {verdict.promise.number} broken: {finding.record} {finding.what}{proof}"
                    )
        if self.ended.means:
            lines.append(f"what it means: {self.ended.means}")
        if self.ended.unreached:
            lines.append(f"not looked at any more: {'; '.join(self.ended.unreached)}")
        return lines


@dataclass
class Book:
    """A listener that keeps the run."""

    started: RunStarted | None = None
    chapters: list[Chapter] = field(default_factory=list)
    ended: RunEnded | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started = event
            case ScenarioStarted():
                self.chapters.append(Chapter(event))
            case ScenarioEnded():
                self.chapters[-1].ended = event
            case RunEnded():
                self.ended = event
            case _:
                if self.chapters:
                    self.chapters[-1].events.append(event)

    @property
    def promises(self) -> tuple[Promise, ...]:
        """What was judged in this run."""
        return self.started.promises if self.started else PROMISES

    def rulings(self, number: int, ruling: Ruling) -> int:
        """In how many stories a promise was judged so; one that broke off with an error was not judged."""
        return sum(
            next(
                (verdict.ruling for verdict in chapter.ended.verdicts if verdict.promise.number == number),
                Ruling.NOT_JUDGED if chapter.outcome is StoryOutcome.ERROR else None,
            )
            is ruling
            for chapter in self.chapters
            if chapter.ended
        )

    def count(self, outcome: StoryOutcome) -> int:
        return sum(chapter.outcome is outcome for chapter in self.chapters)

    @property
    def failed(self) -> list[Chapter]:
        return [one for one in self.chapters if one.failed]


class WrittenReport(ABC):
    """A listener that writes its file when the run is over."""

    def __init__(self, path: Path) -> None:
        self._path, self._book = path, Book()

    def __call__(self, event: Event) -> None:
        self._book(event)
        if isinstance(event, RunEnded):
            self._path.write_text(self.text(), encoding="utf-8")

    @abstractmethod
    def text(self) -> str:
        """The whole report."""
