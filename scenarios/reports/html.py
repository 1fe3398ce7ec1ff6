"""One self-contained HTML file: for the country's engineer and for the people who only want the verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment

from scenarios.events import Checked, Event, Exchanged, StoryOutcome, TimePassed, Told
from scenarios.judging.verdicts import Ruling
from scenarios.reports.badge import badge
from scenarios.reports.chapters import Book, Chapter, LeftOut, WrittenReport, shortened
from scenarios.reports.isolation import isolated
from scenarios.reports.result import Result, ResultReport, Standing
from scenarios.reports.sequence import diagram
from scenarios.reports.words import words
from scenarios.stage.pace import moment, spoken


class HtmlReport(WrittenReport):
    """`results` listens before it, and has by then what stands on the certificate."""

    def __init__(self, path: Path, results: ResultReport | None = None) -> None:
        super().__init__(path)
        self._results = results

    def text(self) -> str:
        return html(self._book, self._results.result if self._results else None)


@dataclass(frozen=True)
class Limits:
    """How much of a story the page shows: events of its list and of its diagram, characters of a body."""

    listed: tuple[int, int]
    drawn: tuple[int, int]
    body: int

    def pretty(self, body: str) -> str:
        """A body to read: JSON indented, and what is too long cut with a word about it."""
        text = pretty(body)
        if len(text) <= self.body:
            return text
        more = f"{len(text) - self.body:,} characters more: a run with --ndjson writes them all"
        return f"{text[: self.body]}\n… {more}"


_WHOLE = Limits((600, 300), (140, 60), 20_000)
_FAILED = Limits((120, 60), (60, 30), 1_500)
_PASSED = Limits((40, 20), (30, 15), 300)
_FEW = 3
"""So many stories are shown whole: a page of all of them would be more than anybody opens or prints."""


def room(chapter: Chapter, chapters: int) -> Limits:
    if chapters <= _FEW:
        return _WHOLE
    return _FAILED if chapter.failed else _PASSED


def html(book: Book, result: Result | None = None) -> str:
    """The whole page; its certificate when there is a result."""
    template = files("scenarios.reports").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_in_line)
    environment.filters.update(moment=moment, spoken=spoken, kind=kind, words=words)
    return environment.from_string(template).render(
        book=book,
        run=book.started,
        chapters=book.chapters,
        promises=book.promises,
        outcomes=list(StoryOutcome),
        StoryOutcome=StoryOutcome,
        Ruling=Ruling,
        diagram=diagram,
        shortened=shortened,
        room=room,
        failed=book.failed,
        rulings=book.rulings,
        few=len(book.chapters) <= _FEW,
        result=result,
        Standing=Standing,
        badge=badge,
        seconds=book.ended.seconds if book.ended else 0.0,
    )


def pretty(body: str) -> str:
    """A JSON body indented; anything else as it is."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def _in_line(value: Any) -> Any:
    """What the template writes into a line; what it escapes itself (`|e`) may be copied, and stays."""
    return isolated(value) if type(value) is str else value


def kind(event: Event | LeftOut) -> str:
    """Which part of the template shows the event."""
    match event:
        case LeftOut():
            return "gap"
        case Exchanged():
            return "exchange"
        case Told():
            return "told"
        case TimePassed():
            return "time"
        case Checked():
            return "check"
        case _:
            return ""
