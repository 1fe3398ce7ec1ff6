"""Every public name of wire has a user in production code: what only tests name is written for nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.kit import ROOT

PRODUCTION = ("wire", "testbed", "mock_opencrvs", "mock_nid", "bridge", "scenarios", "bench", "docs")
WIRE = sorted((ROOT / "wire").rglob("*.py"))


def _used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name


def _public(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _used_in_production() -> set[str]:
    paths = (path for room in PRODUCTION for path in (ROOT / room).rglob("*.py"))
    return {name for path in paths for name in _used(_tree(path))}


@pytest.mark.parametrize("path", WIRE, ids=[str(path.relative_to(ROOT)) for path in WIRE])
def test_public_names_have_a_production_user(path: Path) -> None:
    used = _used_in_production()
    unused = [name for name in _public(_tree(path)) if not name.startswith("_") and name not in used]
    assert not unused, f"named by tests alone: {', '.join(unused)}"
