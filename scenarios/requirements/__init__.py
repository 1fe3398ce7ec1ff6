"""What the protocol asks, each with an id, who owes it and where it is written; and which check looks at it.

The sentences are the TOML files beside this one; what looks at them is said by the checks themselves
(`shows="OCRVS-ACC-23"`) and read from their source, so that none of it is written twice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from scenarios.story import text_of

_HERE = Path(__file__).parent
_CHECKS = ("judging", "foreign", "scripts", "stage")
"""The rooms of `scenarios` whose checks name ids."""
EVERY = "every story"
"""Where a promise looks, and what all stories do."""


class Owner(StrEnum):
    BRIDGE = "bridge"
    COUNTRY_SERVER = "country-server"
    OPENCRVS = "opencrvs"
    ID_SYSTEM = "id-system"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`section` is of the contract that `id` begins with; `unobserved` says why no check looks at it."""

    id: str
    area: str
    owes: Owner
    must: str
    source: str
    section: str
    unobserved: str = ""


@dataclass(frozen=True, slots=True)
class Observer:
    """One place where a check looks at a requirement; `where` is its story, or EVERY."""

    id: str
    where: str
    check: str


@cache
def requirements() -> dict[str, Requirement]:
    """All of them by id, in the order of their files."""
    import tomllib  # late, as hashlib below: each start of `rehearse` loads this module for its options

    found = {}
    for path in sorted(_HERE.glob("*.toml"), key=lambda path: path.stem != "ocrvs"):
        for area, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for number, row in table.items():
                if isinstance(row, dict):
                    made = {"area": table["title"], "source": table["source"], "owes": Owner(row["owes"])}
                    name = f"{path.stem.upper()}-{area}-{number}"
                    found[name] = Requirement(**{**row, **made, "id": name})
    return found


def owed_by(owners: tuple[Owner, ...]) -> list[Requirement]:
    """Those that any of these owes."""
    return [one for one in requirements().values() if one.owes in owners]


@cache
def looks() -> tuple[Observer, ...]:
    """Every look of a story, a check of a foreign part, or a promise."""
    paths = (path for room in _CHECKS for path in sorted((_HERE.parent / room).rglob("*.py")))
    return tuple(look for path in paths for look in _looks_in(ast.parse(path.read_text(encoding="utf-8"))))


def _looks_in(module: ast.Module) -> Iterator[Observer]:
    for part in module.body:
        named = part.name if isinstance(part, ast.AsyncFunctionDef | ast.FunctionDef) else ""
        for call in (node for node in ast.walk(part) if isinstance(node, ast.Call)):
            ids = next((text_of(one.value) for one in call.keywords if one.arg == "shows"), "")
            for one in ids.split():
                for where in _stories(module, named) if named else (EVERY,):
                    yield Observer(one, where, _said(call))


def _stories(module: ast.Module, named: str) -> list[str]:
    """The story of a check: the function that it stands in, or those that call the helper it stands in."""
    if not named.startswith("_"):
        return [named]
    functions = [one for one in module.body if isinstance(one, ast.AsyncFunctionDef)]
    return [
        one.name
        for one in functions
        if not one.name.startswith("_")
        and any(isinstance(node, ast.Name) and node.id == named for node in ast.walk(one))
    ]


def _said(call: ast.Call) -> str:
    """The words of a check: its longest text, with … for what only a run knows."""
    texts = [text_of(argument) for argument in call.args]
    return max(texts, key=len, default="") or ast.unparse(call.func).rpartition(".")[2].replace("_", " ")


@cache
def plan() -> str:
    """The version of what is asked and of the stories that ask it: other texts, another version."""
    import hashlib

    digest = hashlib.sha256()
    for path in (*sorted(_HERE.glob("*.toml")), *sorted((_HERE.parent / "scripts").glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
