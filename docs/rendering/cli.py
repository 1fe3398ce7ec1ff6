"""The page of the command line: every command, argument and option. Pure."""

from __future__ import annotations

import re
from typing import Any

import typer

from bridge.cli.app import app as bridge_app
from docs.rendering.markdown import code, page, table
from mock_nid.program import PROGRAM as MOCK_NID
from mock_opencrvs.program import PROGRAM as MOCK_OPENCRVS
from scenarios.cli.app import app as rehearse_app

INTRO = """\
`make rehearse` and `make up` call `rehearse`, which lies in `.venv/bin`. Every command has `--help`."""


def cli_page() -> str:
    parts = [INTRO]
    parts += ["## rehearse", *_typer("rehearse", rehearse_app)]
    parts += [
        "## python -m bridge",
        "The same as the command `bridge`.",
        *_typer("python -m bridge", bridge_app),
    ]
    for program in (MOCK_OPENCRVS, MOCK_NID):
        parts += [f"## python -m {program.name}", program.about]
        parts += ["`--config FILE`, and an option for [each setting](settings.md#" + program.name + ")."]
        parts += [f"```text\n{(program.parser().epilog or '').strip()}\n```"]
    return page("Command line", *parts)


def commands(app: typer.Typer) -> dict[str, Any]:
    """The commands of a typer application, by name."""
    group: Any = typer.main.get_command(app)
    return dict(getattr(group, "commands", {}))


def _typer(program: str, app: typer.Typer) -> list[str]:
    parts = []
    for name, command in commands(app).items():
        arguments = [_argument(p) for p in command.params if p.param_type_name == "argument"]
        parts.append(f"### {' '.join([program, name, *arguments])}")
        parts.append(_plain(command.help or ""))
        rows = [_option(p) for p in command.params if p.param_type_name == "option"]
        if rows:
            parts.append(table(("Option", "Default", "What it does"), rows))
        if getattr(command, "epilog", None):
            parts.append(_plain(command.epilog))
    return parts


def _argument(parameter: Any) -> str:
    name = str(parameter.name).upper()
    word = f"{name}…" if parameter.nargs == -1 else name
    return word if parameter.required else f"[{word}]"


def _option(parameter: Any) -> tuple[str, str, str]:
    names = ", ".join(code(name) for name in [*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    shown = str(default).lower() if isinstance(default, bool) else "" if default is None else str(default)
    found = parameter.envvar or ()
    variables = [found] if isinstance(found, str) else list(found)
    text = parameter.help or ""
    if variables:
        text += " Environment: " + ", ".join(code(name) for name in variables) + "."
    return names, code(shown), text


_MARKUP = re.compile(r"\[bold\](.*?)\[/(?:bold)?\]")


def _plain(text: str) -> str:
    """Rich's markup as Markdown."""
    return _MARKUP.sub(r"`\1`", text.strip())
