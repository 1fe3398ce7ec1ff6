"""How the commands of `rehearse` speak: what was typed wrong is said in one line, with what to do."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from scenarios.reports.screen import readable_anywhere, screen
from wire.entry import CANNOT_BEGIN, INTERRUPTED, CannotBegin
from wire.words import names as words

_UsageError: Any = typer.BadParameter.__mro__[1]
"""Typer brings its own click or uses the installed one: this is the one that it raises."""


def _lighter(parameters: list[Any]) -> list[Any]:
    """A switch takes no value, so its line in the help names no type of one."""
    for one in parameters:
        if getattr(one, "is_flag", False) and one.metavar is None:
            one.metavar = ""
        one.process_value = partial(_read, one)
    return parameters


def _read(parameter: Any, ctx: Any, value: Any) -> Any:
    """What was not given is not read: typer would load pydantic for it, half of `rehearse list`."""
    if value is None and not parameter.required:
        return parameter.callback and parameter.callback(ctx, parameter, None)
    return type(parameter).process_value(parameter, ctx, value)


class Command(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        return _lighter(super().get_params(ctx))


class Group(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        return _lighter(super().get_params(ctx))

    def main(self, args: Any = None, prog_name: str | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command, and end the process with its status."""
        readable_anywhere(sys.stdout, sys.stderr)
        try:
            status = super().main(args, prog_name, *more, **{**extra, "standalone_mode": False})
        except _UsageError as wrong:
            _say(*_told(wrong))
            status = wrong.exit_code
        except typer.Abort:
            _say("rehearse", "interrupted")
            status = INTERRUPTED
        except CannotBegin as reason:
            _say("rehearse", str(reason))
            status = CANNOT_BEGIN
        sys.exit(status or 0)


def _told(wrong: Any) -> tuple[str, str]:
    """Who says it, and what, in one line."""
    path = wrong.ctx.command_path if wrong.ctx else "rehearse"
    said = " ".join(str(wrong.format_message()).split()) or "name a command"
    end = "" if said.endswith((".", ")", "?")) else ";"
    return path, f"{said}{end} {path} --help shows what there is"


def _say(who: str, what: str) -> None:
    screen(stderr=True).print(f"{who}: {what}", style="red", markup=False, highlight=False, soft_wrap=True)


_OF_THIS_RUN = frozenset(
    words("""
        names tags brief quiet verbose jobs keep_going
        html junit ndjson markdown result badge product signing_key
    """)
)
_SECRETS = frozenset(["operations_token", "client_secret", "token", "known_person"])


def again(ctx: typer.Context, **instead: object) -> str:
    """The command with the options that it was given, for the names of some stories to follow; without those
    about reports, and without secrets. `instead`: values for options in place of those given.
    """
    said = [f"rehearse {ctx.info_name}"]
    for option in ctx.command.params:
        name = str(option.name)
        source = ctx.get_parameter_source(name)
        if name in _OF_THIS_RUN or source is None or source.name != "COMMANDLINE":
            continue
        said.append(option.opts[0])
        if not getattr(option, "is_flag", False):
            value = instead.get(name, ctx.params[name])
            said.append("…" if name in _SECRETS else shlex.quote(str(value)))
    return " ".join(said)
