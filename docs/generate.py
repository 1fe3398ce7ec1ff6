"""Write the reference pages and the contracts' pages (`make docs`); with `--check` only say which are old."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from docs.rendering.cli import cli_page
from docs.rendering.contracts import contract_page, contract_text
from docs.rendering.defects import defects_page
from docs.rendering.doctor import doctor_page
from docs.rendering.faults import faults_page
from docs.rendering.people import people_page
from docs.rendering.plans import plans_page
from docs.rendering.requirements import requirements_page
from docs.rendering.scenarios import scenarios_page
from docs.rendering.schemas import events_schema, result_schema
from docs.rendering.settings import settings_page
from docs.rendering.stage import stage_page
from wire.openapi import FOLDER as CONTRACTS

FOLDER = Path(__file__).parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "events.schema.json": events_schema,
    "defects.md": defects_page,
    "doctor.md": doctor_page,
    "faults.md": faults_page,
    "people.md": people_page,
    "plans.md": plans_page,
    "requirements.md": requirements_page,
    "result.schema.json": result_schema,
    "scenarios.md": scenarios_page,
    "settings.md": settings_page,
    "stage.md": stage_page,
}


CONTRACT_PAGES: Mapping[str, Callable[[], str]] = {
    f"{path.stem}{ending}": partial(render, path.stem)
    for ending, render in ((".yaml", contract_text), (".html", contract_page))
    for path in sorted(CONTRACTS.glob("*.yaml"))
}
"""Served at `/openapi.yaml` and `/docs` of each server."""


def stale(folder: Path = FOLDER, pages: Mapping[str, Callable[[], str]] = PAGES) -> list[str]:
    """The pages that are not what the code gives now."""
    return [
        name
        for name, render in pages.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != render()
    ]


def main() -> int:
    old = [*stale(), *stale(CONTRACTS, CONTRACT_PAGES)]
    if "--check" in sys.argv[1:]:
        if old:
            sys.stderr.write(f"old: {', '.join(old)}; run make docs\n")
        return 1 if old else 0
    FOLDER.mkdir(exist_ok=True)
    for name in old:
        folder, pages = (FOLDER, PAGES) if name in PAGES else (CONTRACTS, CONTRACT_PAGES)
        (folder / name).write_text(pages[name](), encoding="utf-8")
        sys.stdout.write(f"wrote {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
