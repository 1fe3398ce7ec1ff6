"""A story told to a person, line by line: who did what, what went over the wire, what was seen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from scenarios.events import (
    Checked,
    Event,
    Exchanged,
    ScenarioEnded,
    ScenarioStarted,
    StoryOutcome,
    TimePassed,
    Told,
)
from scenarios.judging.verdicts import Ruling, Verdict
from scenarios.reports.isolation import isolated
from scenarios.reports.words import words
from scenarios.stage.pace import moment, spoken
from scenarios.story import Actor

MARK = {
    StoryOutcome.PASSED: "[green]✔ passed[/]",
    StoryOutcome.FAILED: "[bold red]✘ failed[/]",
    StoryOutcome.ERROR: "[bold red]✘ error[/]",
    StoryOutcome.NOT_PLAYED: "[yellow]– not played[/]",
}
_RULING = {
    Ruling.KEPT: "[green]✔[/]",
    Ruling.BROKEN: "[bold red]✘[/]",
    Ruling.NOT_JUDGED: "[yellow]–[/]",
}
_LANE = {
    Actor.REGISTRAR: "cyan",
    Actor.OPENCRVS: "blue",
    Actor.BRIDGE: "magenta",
    Actor.NID: "yellow",
    Actor.OPERATOR: "green",
    Actor.STRANGER: "red",
    Actor.DIRECTOR: "white",
}
_STAMP = 16
_MAX_FINDINGS = 5
_TIMES = 3
"""How often a story tells the same exchange: of a long wait, or of a crowd, nobody reads thousands."""


class Teller:
    """Prints stories. `brief` leaves the exchanges on the wire out."""

    def __init__(self, console: Console, *, brief: bool) -> None:
        self._out, self._brief = console, brief
        self._told: Counter[tuple[str, ...]] = Counter()

    def say(self, text: str, indent: int = 0, hang: int | None = None) -> None:
        """A line of markup. On a terminal it is broken, and goes on under the column `hang`."""
        line = Text.from_markup(isolated(" " * indent + text))
        hang = indent if hang is None else hang
        if not self._out.is_terminal or line.cell_len <= self._out.width or self._out.width < 2 * hang:
            self._out.print(line, highlight=False, soft_wrap=True)
            return
        first, rest = line.divide([hang])
        for number, part in enumerate(rest.wrap(self._out, self._out.width - hang)):
            before = first if number == 0 else Text(" " * hang)
            part.rstrip()
            self._out.print(Text.assemble(before, part), highlight=False, soft_wrap=True)

    def begins(self, event: ScenarioStarted) -> None:
        self._told.clear()
        self._out.print()
        self.say(f"[bold]{event.number}/{event.total} {event.story.name}[/] — {escape(event.story.title)}")
        self.say(f"[italic dim]{escape(event.story.learns)}[/]", 2)

    def happens(self, event: Event) -> None:
        match event:
            case Told():
                self._line(event, f"[{_LANE[event.who]}]{event.who}[/] {escape(event.text)}")
            case Exchanged() if not self._brief:
                self._exchanged(event)
            case TimePassed():
                self._line(event, f"[dim]⏱ {spoken(event.at - event.since)} later[/]")
            case Checked() if event.met:
                self._line(event, f"[green]✔[/] {escape(event.text)}")
            case Checked():
                seen = f" — seen: {escape(event.seen)}" if event.seen else ""
                self._line(event, f"[bold red]✘ {escape(event.text)}[/]{seen}")

    def ends(self, event: ScenarioEnded) -> None:
        if more := sum(times - _TIMES for times in self._told.values() if times > _TIMES):
            self.say(f"[dim]… and {more} more exchanges like these; --ndjson FILE writes all[/]", _STAMP + 1)
        for verdict in event.verdicts:
            if verdict.ruling is Ruling.BROKEN:
                self._broken(verdict)
        marks = " ".join(f"{_RULING[v.ruling]}[dim]{v.promise.number}[/]" for v in event.verdicts)
        promises = f"  promises {marks}" if marks else ""
        lived = event.at - (event.began or event.at)
        played = f", {spoken(lived)} played" if lived >= timedelta(minutes=1) else ""
        self.say(f"{MARK[event.outcome]}{promises}  [dim]{event.seconds:.2f} s{played}[/]", 2)
        for failure in event.failures:
            self.say(f"[red]{escape(failure)}[/]", 4)
        if event.means:
            self.say(f"[bold]what it means[/]: {escape(event.means)}", 4)
        if event.unreached:
            self.say(f"[dim]not looked at any more: {escape('; '.join(event.unreached))}[/]", 4)

    def _line(self, event: Event, text: str) -> None:
        self.say(f"[dim]{moment(event.at):>{_STAMP}}[/] {text}", hang=_STAMP + 1)

    def _exchanged(self, event: Exchanged) -> None:
        said = f"{event.sender} → {event.receiver}: {escape(words(event))}"
        same = (said, event.answer, *event.injected)
        self._told[same] += 1
        if self._told[same] > _TIMES:
            return
        colour = "dim" if event.good else "red"
        text = f"[dim]{said}[/] [{colour}]{event.answer}[/]"
        if event.injected:
            text += f" [red](on purpose: {escape(', '.join(event.injected))})[/]"
        elif event.note:
            text += f" [dim]({escape(event.note)})[/]"
        self._line(event, text)

    def _broken(self, verdict: Verdict) -> None:
        promise = verdict.promise
        self.say(f"[bold red]✘ promise {promise.number} broken[/]: {escape(promise.text)}", 2)
        for finding in verdict.findings[:_MAX_FINDINGS]:
            self.say(f"[bold]{escape(finding.record)}[/]: {escape(finding.what)}", 4)
            for line in finding.evidence:
                self.say(f"[dim]·[/] {escape(line)}", 6, 8)
        more = len(verdict.findings) - _MAX_FINDINGS
        if more > 0:
            self.say(f"… and {more} more", 4)
