"""The page of what `rehearse doctor` can find. Pure."""

from __future__ import annotations

from docs.rendering.markdown import code, page, table
from scenarios.doctor.findings import Severity, kinds

HOW = """\
How it is used: [the night before](../how-to/the-night-before.md). A *fault* does not work and ends the
command with status 1; a *risk* works until something happens (status 1 with
`--strict`); *advice* is good to know."""


def doctor_page() -> str:
    every = kinds().values()
    parts = [HOW]
    for severity in Severity:
        mine = [one for one in every if one.severity is severity]
        parts.append(f"## {severity.capitalize()}")
        parts += [
            table(
                ("Finding", "What it is", "Whose job", "How to mend it"),
                [(code(one.id), one.what, one.owner, one.mend) for one in mine],
            )
        ]
    return page("What `rehearse doctor` finds", *parts)
