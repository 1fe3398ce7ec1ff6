"""The page of commands."""

from __future__ import annotations

from docs.rendering import cli
from scenarios.cli.app import app


def test_every_command_and_option_is_shown() -> None:
    shown = cli.cli_page()
    for name, command in cli.commands(app).items():
        assert f"### rehearse {name}" in shown
        assert all(
            f"`{option}`" in shown
            for p in command.params
            if p.param_type_name == "option"
            for option in p.opts
        )
