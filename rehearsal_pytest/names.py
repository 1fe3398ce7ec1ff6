"""The kit's packages beside a project's folders of the same names: `bridge/`, `scenarios/`, …

Under `python -m pytest` the project's folder is first on Python's path, so its `bridge` is found and ours is
not, or only ours. Both are read: what the first one lacks is taken from the other. Only a file that both have
cannot be had twice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

KIT = Path(__file__).resolve().parents[1]
PACKAGES = ("bridge", "mock_nid", "mock_opencrvs", "scenarios", "testbed", "wire")


class Beside:
    """Asked last, when no other finder knows the module."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, *between = name.split(".")[:-1] or [""]
        if top not in PACKAGES:
            return None
        places = [str(place.joinpath(top, *between)) for place in (KIT, *_places())]
        return PathFinder.find_spec(name, places)


def hidden() -> str:
    """In one line, what of the kit and what of the project have one name; empty when nothing has."""
    for folder in _places():
        for package in PACKAGES:
            beside = folder / package
            if beside.with_suffix(".py").is_file():
                return _told(beside.with_suffix(".py"), package)
            if not beside.is_dir():
                continue
            for ours in (KIT / package).rglob("*.py"):
                theirs = folder / ours.relative_to(KIT)
                if ours.name != "__init__.py" and theirs.is_file():
                    return _told(theirs, ".".join(ours.relative_to(KIT).with_suffix("").parts))
    return ""


def _places() -> Iterator[Path]:
    """Where else on Python's path a module is looked for."""
    return (place for entry in dict.fromkeys(sys.path) if (place := Path(entry).resolve()) != KIT)


def _told(theirs: Path, module: str) -> str:
    return (
        f"rehearsal: {theirs} and the installed kit are both `{module}` for Python, which can load one of "
        f"them: rename yours, or keep your code in a package under a name of its own"
    )
