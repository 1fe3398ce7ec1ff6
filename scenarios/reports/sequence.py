"""The sequence diagram of a chapter: who spoke to whom, in order, as shapes on a grid. Pure.

Coordinates are SVG units; the template draws them. Long runs are shortened in the middle, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scenarios.events import Checked, Event, Exchanged, TimePassed, Told
from scenarios.reports.chapters import LeftOut, shortened
from scenarios.reports.words import words
from scenarios.stage.pace import moment, spoken
from scenarios.story import Actor

_ROOM = 960
"""The width of a page; a few parties share all of it, many need more."""
_NARROWEST, _WIDEST = 190, 260
ROW = 30
HEAD = 56
MARGIN = 95
_SHOWN = 34

Kind = Literal["message", "note", "time", "check", "gap"]


@dataclass(frozen=True)
class DiagramRow:
    """One line of the diagram. `x1`–`x2` is the arrow; for a note both are its column."""

    kind: Kind
    y: int
    x1: int
    x2: int
    text: str
    at: str
    good: bool = True
    injected: bool = False
    number: int = 0
    """Position of the exchange in the chapter's list, from 1: what the fold below is called."""
    status: str = ""

    @property
    def middle(self) -> float:
        return (self.x1 + self.x2) / 2


@dataclass(frozen=True)
class Diagram:
    actors: tuple[tuple[str, int], ...]
    rows: tuple[DiagramRow, ...]
    width: int
    height: int


def diagram(events: list[Event], first: int = 140, last: int = 60) -> Diagram:
    """Lay the events out: one column for each actor that takes part, one row for each of the `first` and
    `last` events.
    """
    drawn = [event for event in events if isinstance(event, Exchanged | Told | TimePassed | Checked)]
    present = {actor for event in drawn for actor in _parties(event)}
    actors = [actor for actor in Actor if actor in present]
    gaps = max(len(actors) - 1, 1)
    apart = min(_WIDEST, max(_NARROWEST, (_ROOM - 2 * MARGIN) // gaps))
    places = {actor: MARGIN + apart * index for index, actor in enumerate(actors)}
    width = MARGIN * 2 + apart * gaps
    numbered: list[tuple[int, Event]] = []
    count = 0
    for event in drawn:
        count += isinstance(event, Exchanged)
        numbered.append((count, event))
    shown = shortened(numbered, first, last)
    rows: list[DiagramRow] = []
    for place, item in enumerate(shown):
        y = HEAD + ROW * (place + 1)
        if isinstance(item, LeftOut):
            rows.append(DiagramRow("gap", y, 0, width, f"… {item.many} more steps …", ""))
        else:
            rows.append(_row(item[1], y, item[0], places, width))
    height = HEAD + ROW * (len(shown) + 2)
    return Diagram(tuple((actor.value, places[actor]) for actor in actors), tuple(rows), width, height)


def _parties(event: Event) -> tuple[Actor, ...]:
    match event:
        case Exchanged():
            return (event.sender, event.receiver)
        case Told():
            return (event.who,)
        case _:
            return ()


def _row(event: Event, y: int, number: int, places: dict[Actor, int], width: int) -> DiagramRow:
    at = moment(event.at)
    match event:
        case Exchanged():
            x1, x2, text = places[event.sender], places[event.receiver], _short(words(event))
            injected = bool(event.injected)
            return DiagramRow("message", y, x1, x2, text, at, event.good, injected, number, event.answer)
        case Told():
            x = places[event.who]
            return DiagramRow("note", y, x, x, _short(event.text, 60), at)
        case TimePassed():
            return DiagramRow("time", y, 0, width, f"{spoken(event.at - event.since)} later", at)
        case Checked():
            return DiagramRow("check", y, 0, width, _short(event.text, 90), at, event.met)
    raise TypeError(f"{type(event).__name__} has no place in a diagram")


def _short(text: str, limit: int = _SHOWN) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
