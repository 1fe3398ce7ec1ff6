"""The report for a person at a terminal, or for the log of a pipeline.

Few stories are told as they happen. Of many each gets a line; at the end follow everything about those that
failed, and what was promised.
"""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from scenarios.events import (
    Event,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    StoryOutcome,
)
from scenarios.judging.verdicts import Ruling
from scenarios.reports.chapters import Book, Chapter
from scenarios.reports.files import Files
from scenarios.reports.progress import Progress
from scenarios.reports.telling import MARK, Teller
from scenarios.stage.pace import spoken

_LIVED = 23
"""The longest time in words: `23 hours 59 minutes`, and a little."""


class TerminalReport:
    """`tells`: every story as it happens; `brief`: without the exchanges on the wire. Else a line for each,
    and with `quiet` no table of the promises. `again` is the command that plays some of the run once more;
    `files` are the reports, which hear everything before it. `live`: what is told is what is played now; else
    somebody else tells `progress`.
    """

    def __init__(
        self,
        console: Console,
        *,
        tells: bool = True,
        brief: bool = False,
        quiet: bool = False,
        again: str = "rehearse run",
        files: Files | None = None,
        live: bool = True,
    ) -> None:
        self._tells, self._quiet, self._again, self._files = tells, quiet, again, files or Files([])
        self._teller = Teller(console, brief=brief)
        self._failed = Teller(console, brief=True)
        self._out, self._book, self._live = console, Book(), live
        self.progress = Progress(console)

    def __call__(self, event: Event) -> None:
        self._book(event)
        match event:
            case RunStarted():
                self._run_started(event)
            case ScenarioStarted() if self._tells:
                self._teller.begins(event)
            case ScenarioStarted() if self._live:
                self.progress.playing([event.story.name], event.number - 1, event.total)
            case ScenarioEnded() if self._tells:
                self._teller.ends(event)
            case ScenarioEnded():
                self._one_line(event)
            case RunEnded():
                self._run_ended(event)
            case _ if self._tells:
                self._teller.happens(event)

    def _say(self, text: str, indent: int = 0, hang: int | None = None) -> None:
        self.progress.clear()
        self._teller.say(text, indent, hang)

    def _whole_line(self, text: str) -> None:
        """What is copied and pasted is never broken."""
        self.progress.clear()
        self._out.print(text, markup=False, highlight=False, soft_wrap=True)

    def _run_started(self, event: RunStarted) -> None:
        many = len(event.stories)
        self._wide = max((len(story.name) for story in event.stories), default=0)
        self._say(
            f"[bold]Rehearsal[/]: {many} scenario{'' if many == 1 else 's'}, OpenCRVS {event.profile}, "
            f"seed {event.seed}, {event.clock}, against {escape(event.against)}"
        )

    def _one_line(self, event: ScenarioEnded) -> None:
        mark = MARK[event.outcome] + " " * (12 - len(f"– {event.outcome}"))
        line = f"{mark} {event.story.name:<{self._wide}}"
        if event.outcome is StoryOutcome.NOT_PLAYED:
            self._say(f"{line}  [dim]{escape('; '.join(event.failures))}[/]", hang=self._wide + 15)
        else:
            lived = spoken(event.at - (event.began or event.at))
            self._say(f"{line}  [dim]{lived:<{_LIVED}}{event.seconds:5.2f} s[/]")

    def _run_ended(self, event: RunEnded) -> None:
        failed = self._book.failed
        if not self._tells:
            for chapter in failed:
                self._whole(chapter)
            if not self._quiet and event.endings:
                self._promises()
        counts = {outcome: sum(e.outcome is outcome for e in event.endings) for outcome in StoryOutcome}
        parts = [f"{many} {outcome}" for outcome, many in counts.items() if many]
        colour = "bold red" if event.failed else "bold green"
        self._say("")
        self._say(f"[{colour}]{', '.join(parts) or 'nothing was played'}[/] in {event.seconds:.1f} s")
        if event.interrupted:
            total = len(self._book.started.stories) if self._book.started else 0
            self._say(f"[bold]Interrupted[/]: the rest of the {total} was not played.")
        if failed:
            names = " ".join(chapter.name for chapter in failed)
            self._whole_line(f"Play again: {self._again} {names}")
        files = self._files.written
        if not (files or self._files.lost or self._tells or self._quiet):
            self._say("[dim]No report was asked for; --html FILE writes a page to show around.[/]")
        for file in files:
            self._whole_line(f"Report: {file}")
        for file, why in self._files.lost.items():
            self._say(f"[bold red]No report {escape(str(file))}[/]: {why}; make room, or name another place.")

    def _whole(self, chapter: Chapter) -> None:
        """Everything about a story that failed."""
        self._failed.begins(chapter.started)
        story = chapter.started.story
        self._say(f"[dim]A good {story.judged}: {escape(story.good_bridge)}[/]", 2)
        for event in chapter.events:
            self._failed.happens(event)
        if chapter.ended is not None:
            self._failed.ends(chapter.ended)

    def _promises(self) -> None:
        self._say("")
        self._say("[bold]Kept  Broken  Not judged  Promise[/]")
        for promise in self._book.promises:
            kept, broken, unseen = (self._book.rulings(promise.number, ruling) for ruling in Ruling)
            mark = f"[bold red]{broken:>6}[/]" if broken else f"{broken:>6}"
            words = f"{promise.number}. {escape(promise.text)}"
            self._say(f"{kept:>4}  {mark}  {unseen:>10}  {words}", hang=29)
