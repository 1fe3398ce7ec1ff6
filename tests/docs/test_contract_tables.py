"""The tables of what is built: every test that they name exists, and no row is silent."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import DOCS
from tests.kit import ROOT

TABLES = [DOCS / "contracts" / "opencrvs.md", DOCS / "contracts" / "mosip.md"]
HEAD = ["Section", "Built", "Proved by", "Left out, and why"]
NAMED = re.compile(r"`([\w/]+)::(\w+)`")


def rows(page: Path) -> list[list[str]]:
    """The rows of the tables of a page whose head is ours, as cells."""
    found: list[list[str]] = []
    inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells == HEAD:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not set(line) <= set("|- "):
            found.append(cells)
    return found


@cache
def defined_in(file: str) -> frozenset[str]:
    """Names of the test functions of a file below `tests/`."""
    path = ROOT / "tests" / f"{file}.py"
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("page", TABLES, ids=lambda page: page.stem)
def test_every_named_test_exists(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert len(named) > 50
    missing = sorted({f"{file}::{name}" for file, name in named if name not in defined_in(file)})
    assert not missing


@pytest.mark.parametrize("page", TABLES, ids=lambda page: page.stem)
def test_every_row_has_a_proof_or_says_that_there_is_none(page: Path) -> None:
    assert len(rows(page)) > 25
    for section, built, proof, left_out in rows(page):
        assert re.search(r"§\d|^ours: ", section), section
        assert built.split()[0].strip(",;") in ("yes", "partly", "no"), section
        assert NAMED.search(proof) or proof == "no test", section
        if built.startswith(("no", "partly")) or proof == "no test":
            assert left_out, f"{section}: say why"
