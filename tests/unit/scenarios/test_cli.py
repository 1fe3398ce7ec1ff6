"""What `rehearse` refuses before it starts anything."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from scenarios.cli.app import app


@pytest.mark.parametrize("command", [["up"], ["verify", "--bridge", "http://127.0.0.1:1"]])
def test_what_plays_once_takes_one_profile(command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--profile", "all"])
    assert done.exit_code == 2
    assert "one profile at a time" in done.output and "Traceback" not in done.output
