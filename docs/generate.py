"""Write the reference pages (`make docs`); with `--check` only say which of them are old."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.rendering.cli import cli_page
from docs.rendering.faults import faults_page
from docs.rendering.people import people_page
from docs.rendering.plans import plans_page
from docs.rendering.scenarios import scenarios_page
from docs.rendering.settings import settings_page
from docs.rendering.stage import stage_page

FOLDER = Path(__file__).parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "faults.md": faults_page,
    "people.md": people_page,
    "plans.md": plans_page,
    "scenarios.md": scenarios_page,
    "settings.md": settings_page,
    "stage.md": stage_page,
}


def stale(folder: Path = FOLDER) -> list[str]:
    """The pages that are not what the code gives now."""
    return [
        name
        for name, render in PAGES.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != render()
    ]


def main() -> int:
    old = stale()
    if "--check" in sys.argv[1:]:
        if old:
            sys.stderr.write(f"old: {', '.join(old)}; run make docs\n")
        return 1 if old else 0
    FOLDER.mkdir(exist_ok=True)
    for name in old:
        (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
        sys.stdout.write(f"wrote {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
