"""A summary for a pull request: a table of the scenarios, and what failed with its evidence."""

from __future__ import annotations

from scenarios.events import StoryOutcome
from scenarios.judging.verdicts import Promise, Ruling
from scenarios.reports.chapters import Book, Chapter, WrittenReport
from scenarios.reports.isolation import isolated
from scenarios.stage.pace import spoken

_MARK = {
    StoryOutcome.PASSED: "✅",
    StoryOutcome.FAILED: "❌",
    StoryOutcome.ERROR: "💥",
    StoryOutcome.NOT_PLAYED: "➖",
}
_RULING = {Ruling.KEPT: "✅", Ruling.BROKEN: "❌", Ruling.NOT_JUDGED: "➖"}


class MarkdownReport(WrittenReport):
    def text(self) -> str:
        return markdown(self._book)


def markdown(book: Book) -> str:
    """The whole summary."""
    played = [f"{many} {outcome.value}" for outcome in StoryOutcome if (many := book.count(outcome))] or [
        "nothing was played"
    ]
    lines = [f"## Rehearsal: {', '.join(played)}", ""]
    if (run := book.started) is not None:
        lines += [
            f"OpenCRVS {run.profile} · seed {run.seed} · {run.clock} · against {run.against} · "
            f"played {run.began:%Y-%m-%d %H:%M} UTC with kit {run.kit}",
            "",
        ]
    head = " | ".join(f"{promise.number}" for promise in book.promises)
    lines += [f"| | Scenario | {head} | Time played |", f"|---|---|{'---|' * len(book.promises)}---|"]
    lines += [_row(chapter, book.promises) for chapter in book.chapters]
    lines += ["", *(f"{promise.number}. {promise.text}" for promise in book.promises)]
    for chapter in book.failed:
        story = chapter.started.story
        lines += ["", f"### ❌ {chapter.name}", "", f"A good {story.judged}: {story.good_bridge}", ""]
        lines += [f"- {_cell(line)}" for line in chapter.complaints()]
    return isolated("\n".join(lines) + "\n")


def _row(chapter: Chapter, promises: tuple[Promise, ...]) -> str:
    rulings = {v.promise.number: _RULING[v.ruling] for v in chapter.ended.verdicts} if chapter.ended else {}
    marks = " | ".join(rulings.get(promise.number, "") for promise in promises)
    why = ""
    if chapter.outcome is StoryOutcome.NOT_PLAYED and chapter.ended is not None:
        why = f" — not played: {_cell(chapter.ended.failures[0])}"
    title = f"**{chapter.name}** {_cell(chapter.started.story.title)}{why}"
    return f"| {_MARK[chapter.outcome]} | {title} | {marks} | {spoken(chapter.lived)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
