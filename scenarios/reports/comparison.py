"""Results side by side: what changed between two, and a matrix of many. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment

from scenarios.events import StoryOutcome
from scenarios.reports.result import RequirementResult, Result, Standing

_MARK = {Standing.MET: "✔", Standing.BROKEN: "✘", Standing.NOT_OBSERVED: "–"}
_ABSENT = "not asked"
"""Of what only the plan of the other run has."""


@dataclass(frozen=True)
class Change:
    """A requirement or a story that came out otherwise. `seen`: what broke it, or why nothing was seen."""

    name: str
    before: str
    after: str
    words: str
    seen: str = ""

    @property
    def worse(self) -> bool:
        """Whether something is wrong now that was not."""
        return self.after in (Standing.BROKEN, StoryOutcome.FAILED, StoryOutcome.ERROR)


def changes(before: Result, after: Result) -> Iterator[Change]:
    """Requirements first, then stories, in the order of the later result."""
    old, new = ({one.id: one for one in result.requirements} for result in (before, after))
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name), new.get(name)
        first, then = (one.standing.value if one else _ABSENT for one in (was, now))
        if first != then and (shown := now or was):
            yield Change(name, first, then, shown.must, _seen(now) if now else "")
    played, again = ({one.name: one for one in result.stories} for result in (before, after))
    for name in dict.fromkeys([*again, *played]):
        one, other = played.get(name), again.get(name)
        first, then = (story.outcome.value if story else _ABSENT for story in (one, other))
        if first != then and (told := other or one):
            yield Change(name, first, then, told.title, "; ".join(told.failures) if other else "")


def _seen(one: RequirementResult) -> str:
    if one.standing is not Standing.BROKEN:
        return one.why
    return "; ".join(f"{look.story}: {look.seen or look.check}" for look in one.evidence)


@dataclass(frozen=True)
class ComparisonRow:
    """One requirement, and what each result says of it; None where its plan did not ask."""

    asked: RequirementResult
    standings: tuple[Standing | None, ...]
    seen: tuple[str, ...]


def rows(results: Sequence[Result]) -> list[ComparisonRow]:
    """Every requirement that any of the results is about."""
    tables = [{one.id: one for one in result.requirements} for result in results]
    every = {name: one for table in tables for name, one in table.items()}
    found = []
    for name, asked in every.items():
        cells = [table.get(name) for table in tables]
        standings = tuple(cell.standing if cell else None for cell in cells)
        found.append(
            ComparisonRow(asked, standings, tuple(_seen(cell) if cell else _ABSENT for cell in cells))
        )
    return found


def matrix_markdown(results: Sequence[Result]) -> str:
    """A table: a row for each requirement, a column for each result."""
    head = ["Requirement", *(f"{one.judged.product}<br>OpenCRVS {one.profile}" for one in results)]
    lines = ["# Compatibility", "", _cells(head), _cells(["---", *(":-:" for _ in results)])]
    for standing in Standing:
        lines.append(_cells([f"**{standing.value}**", *(f"**{one.count(standing)}**" for one in results)]))
    for row in rows(results):
        marks = (_MARK[one] if one else "" for one in row.standings)
        lines.append(_cells([f"`{row.asked.id}` {row.asked.must}", *marks]))
    lines += ["", "✔ met · ✘ broken · – not observed", ""]
    lines += [
        f"- {one.title}: kit {one.kit}, plan {one.plan}, evidence `{one.evidence.digest}`" for one in results
    ]
    return "\n".join(lines) + "\n"


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def matrix_html(results: Sequence[Result]) -> str:
    """The same as a page of its own."""
    template = files("scenarios.reports").joinpath("templates/matrix.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        results=results, rows=rows(results), Standing=Standing, mark=_MARK
    )
