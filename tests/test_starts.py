"""What a start loads: no more than the command needs. Each of these is a good part of the whole start."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer import Typer

from bridge.cli.app import app as bridge
from mock_nid.program import PROGRAM as mock_nid
from mock_opencrvs.program import PROGRAM as mock_opencrvs
from scenarios.cli.app import app as rehearse
from testbed.program import Program
from tests.kit import ROOT
from wire.entry import begin

SERVERS = {
    "aiohttp",
    "alembic",
    "cryptography",
    "faker",
    "jinja2",
    "sqlalchemy",
    "structlog",
    "uvloop",
    "yaml",
}
JUDGES = {"scenarios.engine", "scenarios.events", "scenarios.judging", "scenarios.stage.setup"}
SETTINGS = {"bridge.country.folder", "pydantic_settings"}


@pytest.mark.parametrize(
    ("program", "words", "idle"),
    [
        ("scenarios.cli", "--help", SERVERS | JUDGES | SETTINGS | {"asyncio", "pydantic"}),
        ("scenarios.cli", "list", SERVERS | JUDGES | SETTINGS | {"asyncio", "pydantic"}),
        ("scenarios.cli", "run --help", SERVERS | JUDGES | SETTINGS | {"asyncio", "pydantic"}),
        ("bridge", "--help", SERVERS | {"bridge.app"}),
        ("bridge", "pending --help", SERVERS | SETTINGS | {"asyncio", "bridge.app"}),
    ],
)
def test_a_command_loads_what_it_needs(program: str, words: str, idle: set[str]) -> None:
    assert loaded(program, *words.split()) & idle == set()


@pytest.mark.parametrize("app", [bridge, rehearse], ids=["bridge", "rehearse"])
def test_what_a_command_takes_is_no_text_that_each_start_evaluates(app: Typer) -> None:
    texts = [one.callback for one in app.registered_commands if str in map(type, _annotations(one.callback))]
    assert texts == []


def _annotations(command: object) -> Iterable[object]:
    return getattr(command, "__annotations__", {}).values()


def test_a_story_is_played_without_what_others_need(rehearsal_keys: Path) -> None:
    there = loaded("scenarios.cli", "run", "sync_success", "--keys", str(rehearsal_keys))
    assert {"bridge.app", "mock_nid.app", "mock_opencrvs.app", "scenarios.judging.promises"} <= there
    others = {"alembic", "asyncpg", "jinja2", "sqlalchemy.dialects.postgresql", "uvloop"}
    others |= {"scenarios.console", "scenarios.foreign", "scenarios.reports.result", "scenarios.side_by_side"}
    assert there & others == set()


def test_a_server_starts_without_the_other_database() -> None:
    there = loaded("bridge.app", "--help")
    assert "sqlalchemy.dialects.sqlite" in there
    assert not [
        name for name in there if name.startswith(("alembic", "asyncpg", "sqlalchemy.dialects.postg"))
    ]


@pytest.mark.parametrize("program", [mock_nid, mock_opencrvs], ids=lambda one: one.name)
def test_what_settings_mean_is_read_for_the_help_alone(
    program: Program[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[type] = []
    monkeypatch.setattr("wire.environment.texts_below", lambda model: read.append(model) or {})
    program.told(["--seed", "7"])
    assert read == []
    program.parser().format_help()
    assert program.settings in read


def test_settings_are_built_where_they_are_read() -> None:
    """The bridge's stand on those of its ID system, the stage's on those of each server."""
    code = (
        "import scenarios.stage.environment; from wire.environment import EnvironmentSettings as Base; "
        "kinds = [Base]; [kinds.extend(one.__subclasses__()) for one in kinds]; "
        "print(len(kinds) > 5, [one for one in kinds if one.__pydantic_complete__])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.stdout == "True []\n", done.stderr


def loaded(program: str, *words: str) -> set[str]:
    """The modules that are there when the program has ended."""
    code = (
        "import atexit, runpy, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        f"sys.argv[1:] = {words}; runpy.run_module({program!r}, run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_what_is_loaded_is_not_looked_through_for_garbage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small_program.py").write_text(
        "import gc\nat_start = gc.get_threshold()\nmain = lambda: None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = gc.get_threshold()
    try:
        gc.set_threshold(700, 10, 10)
        begin("small_program")
    finally:
        gc.set_threshold(*before)
    assert sys.modules.pop("small_program").at_start[0] >= 10_000
