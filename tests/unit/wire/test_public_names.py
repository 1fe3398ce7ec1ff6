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


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _used(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name: imported from it, read of the module that was imported, or read where it stands."""
    known: dict[str, str] = {}
    for node in ast.walk(_tree(path)):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                for one in names:
                    yield module, one.name
                    known[one.asname or one.name] = f"{module}.{one.name}"
            case ast.Name(id=name, ctx=ast.Load()):
                yield _module(path), name
    for node in ast.walk(_tree(path)):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                yield known.get(module, ""), name


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
def _used_in_production() -> set[tuple[str, str]]:
    paths = (path for room in PRODUCTION for path in (ROOT / room).rglob("*.py"))
    return {use for path in paths for use in _used(path)}


@pytest.mark.parametrize("path", WIRE, ids=[str(path.relative_to(ROOT)) for path in WIRE])
def test_public_names_have_a_production_user(path: Path) -> None:
    used = _used_in_production()
    unused = [
        name
        for name in _public(_tree(path))
        if not name.startswith("_") and (_module(path), name) not in used
    ]
    assert not unused, f"named by tests alone: {', '.join(unused)}"
