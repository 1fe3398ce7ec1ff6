"""The live report for a person at a terminal: each story line by line as it happens, then the verdicts."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from scenarios.events import (
    Checked,
    Event,
    Exchanged,
    Lane,
    Outcome,
    PromiseJudged,
    RunEnded,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    TimePassed,
    Told,
)
from scenarios.pace import moment, spoken
from scenarios.reports.isolation import isolated
from scenarios.verdicts import Ruling, Verdict

_MARK = {
    Outcome.PASSED: "[green]✔ passed[/]",
    Outcome.FAILED: "[bold red]✘ failed[/]",
    Outcome.ERROR: "[bold red]✘ error[/]",
    Outcome.NOT_PLAYED: "[yellow]– not played[/]",
}
_RULING = {
    Ruling.KEPT: "[green]✔[/]",
    Ruling.BROKEN: "[bold red]✘[/]",
    Ruling.NOT_JUDGED: "[yellow]–[/]",
}
_LANE = {
    Lane.REGISTRAR: "cyan",
    Lane.OPENCRVS: "blue",
    Lane.BRIDGE: "magenta",
    Lane.NID: "yellow",
    Lane.OPERATOR: "green",
    Lane.STRANGER: "red",
    Lane.DIRECTOR: "white",
}
_STAMP = 16
_MAX_FINDINGS = 5
_MAX_EXCHANGES = 100
"""Lines of exchanges a story; a crowd has thousands, which nobody reads on a screen."""


class TerminalReport:
    """`brief` leaves the exchanges on the wire out; `quiet` also what people did.

    `again` is the command that plays some of the run once more.
    """

    def __init__(
        self, console: Console, *, brief: bool = False, quiet: bool = False, again: str = "rehearse run"
    ) -> None:
        self._out = console
        self._brief = brief or quiet
        self._quiet = quiet
        self._again = again
        self._exchanges = 0

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._run_started(event)
            case ScenarioStarted():
                self._scenario_started(event)
            case Told() if not self._quiet:
                self._line(event, f"[{_LANE[event.who]}]{event.who}[/] {escape(event.text)}")
            case Exchanged() if not self._brief:
                self._exchanged(event)
            case TimePassed() if not self._quiet:
                self._line(event, f"[dim]⏱ {spoken(event.at - event.since)} later[/]")
            case Checked():
                self._checked(event)
            case PromiseJudged() if event.verdict.ruling is Ruling.BROKEN:
                self._broken(event.verdict)
            case ScenarioEnded():
                self._scenario_ended(event)
            case RunEnded():
                self._run_ended(event)

    def _print(self, text: str, indent: int = 0) -> None:
        self._out.print(Padding(isolated(text), (0, 0, 0, indent)), soft_wrap=False, highlight=False)

    def _line(self, event: Event, text: str) -> None:
        row = Table.grid(padding=(0, 1))
        row.add_column(width=_STAMP, style="dim", no_wrap=True, justify="right")
        row.add_column(ratio=1, overflow="fold")
        row.add_row(moment(event.at), isolated(text))
        self._out.print(row, highlight=False)

    def _run_started(self, event: RunStarted) -> None:
        many = len(event.stories)
        self._print(
            f"[bold]Rehearsal[/]: {many} scenario{'' if many == 1 else 's'}, OpenCRVS {event.profile}, "
            f"seed {event.seed}, {event.clock}, against {escape(event.against)}"
        )

    def _scenario_started(self, event: ScenarioStarted) -> None:
        self._exchanges = 0
        if self._quiet:
            return
        self._out.print()
        self._print(f"[bold]{event.number}/{event.total} {event.story.name}[/] — {escape(event.story.title)}")
        self._print(f"[italic dim]{escape(event.story.learns)}[/]", 2)

    def _exchanged(self, event: Exchanged) -> None:
        self._exchanges += 1
        if self._exchanges > _MAX_EXCHANGES:
            return
        answer = "no answer" if event.status is None else str(event.status)
        good = event.status is not None and event.status < 400
        colour = "dim" if good else "red"
        text = f"[dim]{event.sender} → {event.receiver}: {escape(event.what)}[/] [{colour}]{answer}[/]"
        if event.injected:
            text += f" [red](on purpose: {escape(', '.join(event.injected))})[/]"
        elif event.note:
            text += f" [dim]({escape(event.note)})[/]"
        self._line(event, text)

    def _checked(self, event: Checked) -> None:
        if event.met:
            if not self._quiet:
                self._line(event, f"[green]✔[/] {escape(event.text)}")
        else:
            seen = f" — seen: {escape(event.seen)}" if event.seen else ""
            self._line(event, f"[bold red]✘ {escape(event.text)}[/]{seen}")

    def _broken(self, verdict: Verdict) -> None:
        promise = verdict.promise
        self._print(f"[bold red]✘ promise {promise.number} broken[/]: {escape(promise.text)}", 2)
        for finding in verdict.findings[:_MAX_FINDINGS]:
            self._print(f"[bold]{escape(finding.record)}[/]: {escape(finding.what)}", 4)
            for line in finding.evidence:
                self._print(f"[dim]·[/] {escape(line)}", 6)
        more = len(verdict.findings) - _MAX_FINDINGS
        if more > 0:
            self._print(f"… and {more} more", 4)

    def _scenario_ended(self, event: ScenarioEnded) -> None:
        if (more := self._exchanges - _MAX_EXCHANGES) > 0:
            self._print(f"[dim]… and {more} more exchanges; --ndjson FILE writes all[/]", _STAMP + 1)
        marks = " ".join(f"{_RULING[v.ruling]}[dim]{v.promise.number}[/]" for v in event.verdicts)
        promises = f"  promises {marks}" if marks else ""
        lived = event.at - (event.began or event.at)
        played = f", {spoken(lived)} played" if lived >= timedelta(minutes=1) else ""
        name = f"{event.story.name:<34} " if self._quiet else "  "
        self._print(f"{name}{_MARK[event.outcome]}{promises}  [dim]{event.seconds:.2f} s{played}[/]")
        for failure in event.failures:
            self._print(f"[red]{escape(failure)}[/]", 4)
        if event.outcome is Outcome.FAILED and event.story.means:
            self._print(f"[bold]what it means[/]: {escape(event.story.means)}", 4)

    def _run_ended(self, event: RunEnded) -> None:
        counts = {outcome: sum(e.outcome is outcome for e in event.endings) for outcome in Outcome}
        parts = [f"{many} {outcome}" for outcome, many in counts.items() if many]
        colour = "bold red" if event.failed else "bold green"
        self._out.print()
        self._print(f"[{colour}]{', '.join(parts) or 'nothing was played'}[/] in {event.seconds:.1f} s")
        if event.failed:
            bad = [e.story.name for e in event.endings if e.outcome in (Outcome.FAILED, Outcome.ERROR)]
            self._print(f"Play again: {escape(self._again)} {' '.join(bad)}", 0)
