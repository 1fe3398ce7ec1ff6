"""One self-contained HTML file: for the country's engineer and for the people who only want the verdict."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment

from scenarios.events import Checked, Event, Exchanged, Outcome, RunEnded, TimePassed, Told
from scenarios.judging.verdicts import Ruling
from scenarios.reports.chapters import Book, LeftOut, shortened
from scenarios.reports.isolation import isolated
from scenarios.reports.sequence import diagram
from scenarios.reports.words import words
from scenarios.stage.pace import moment, spoken


class HtmlReport:
    def __init__(self, path: Path) -> None:
        self._path, self._book = path, Book()

    def __call__(self, event: Event) -> None:
        self._book(event)
        if isinstance(event, RunEnded):
            self._path.write_text(html(self._book), encoding="utf-8")


def html(book: Book) -> str:
    """The whole page."""
    template = files("scenarios.reports").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_in_line)
    environment.filters.update(moment=moment, spoken=spoken, pretty=pretty, kind=kind, words=words)
    return environment.from_string(template).render(
        book=book,
        run=book.started,
        chapters=book.chapters,
        promises=book.promises,
        outcomes=list(Outcome),
        Outcome=Outcome,
        Ruling=Ruling,
        diagram=diagram,
        listed=listed,
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


def listed(events: list[Event]) -> list[Event | LeftOut]:
    """What the page lists: a crowd's ten thousand exchanges would be more than a browser likes to open."""
    return shortened(events, 600, 300)


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
