"""`rehearse requirements`: what the protocol asks, of whom, and what looks at it."""

from collections import defaultdict
from dataclasses import asdict
from typing import Annotated

import typer

from scenarios.reports.screen import screen
from scenarios.requirements import Observer, Owner, looks, owed_by

REQUIREMENTS_EXAMPLES = (
    "Examples: [bold]rehearse requirements[/] · [bold]rehearse requirements --for bridge[/] · "
    "[bold]rehearse requirements --for id-system --json[/]"
)
BY_THE_SUITE = "the kit's own tests, against its mocks"


def requirements(
    owner: Annotated[Owner | None, typer.Option("--for", help="Only what this part owes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything about them, as a JSON array.")] = False,
) -> None:
    """Show what the protocol asks: id, sentence, who owes it, where it is written, and what looks at it."""
    found = owed_by((owner,) if owner else tuple(Owner))
    seen: dict[str, list[Observer]] = defaultdict(list)
    for look in looks():
        seen[look.id].append(look)
    if as_json:
        import json

        rows = [
            asdict(one) | {"looks": [{"where": x.where, "check": x.check} for x in seen[one.id]]}
            for one in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), header_style="bold")
    for column in ("Id", "Owes it", "What must be", "What looks at it"):
        table.add_column(column, overflow="fold", no_wrap=column in ("Id", "Owes it"))
    for one in found:
        where = ", ".join(dict.fromkeys(x.where for x in seen[one.id]))
        table.add_row(one.id, one.owes, one.must, where or f"[dim]{one.unobserved or BY_THE_SUITE}[/]")
    screen().print(table)
    by_stories = sum(bool(seen[one.id]) for one in found)
    unseen = sum(bool(one.unobserved) for one in found)
    tested = len(found) - by_stories - unseen
    screen().print(
        f"\n{len(found)} requirements: {by_stories} looked at by stories and checks, {tested} by "
        f"{BY_THE_SUITE}, {unseen} by nothing, for the reason that is told."
    )
