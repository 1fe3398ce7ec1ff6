"""What `rehearse` refuses before it starts anything."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from scenarios.cli.app import app
from scenarios.cli.commands import again


@pytest.mark.parametrize("command", [["up"], ["verify", "--bridge", "http://127.0.0.1:1"]])
def test_what_plays_once_takes_one_profile(command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--profile", "all"])
    assert done.exit_code == 2
    assert "one profile at a time" in done.output and "Traceback" not in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run death", "run"),
        (
            "run --profile all --seed 7 --full -q --html page.html -j 2 --tag death",
            "run --profile 2.1 --seed 7 --full",
        ),
        (
            "verify --bridge http://127.0.0.1:1 --operations-token s3 --kill ./stop --start 'start it' -q",
            "verify --bridge http://127.0.0.1:1 --operations-token … --kill ./stop --start 'start it'",
        ),
        (
            "verify --nid http://127.0.0.1:1 --known-person '4057213968,Grace Mulenga,1996-07-14'",
            "verify --nid http://127.0.0.1:1 --known-person …",
        ),
    ],
)
def test_what_failed_is_played_again_as_it_was(words: str, said: str) -> None:
    """With the profile and the seed in which it failed, without reports, secrets and people's numbers."""
    name, *options = shlex.split(words)
    command: Any = get_command(app)
    context = command.commands[name].make_context(name, options)
    assert again(context, profile="2.1") == f"rehearse {said}"
