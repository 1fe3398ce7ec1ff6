"""A mock as a program of its own: an option for each setting, one line for what cannot begin."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from wire import loop
from wire.entry import CANNOT_BEGIN, STATUSES, CannotBegin
from wire.environment import EnvironmentSettings, environment_name, refused

S = TypeVar("S", bound=EnvironmentSettings)


class _Parser(argparse.ArgumentParser):
    """What the settings mean is read when the help is asked for, not at a start."""

    settings: type[EnvironmentSettings]
    options: Mapping[str, argparse.Action]

    def format_help(self) -> str:
        for name, field in self.settings.explained().items():
            default = field.get_default()
            shown = ", ".join(default) if isinstance(default, tuple) else default
            variable = environment_name(self.settings, name, field)
            text = f"{field.description or ''} [{variable}, default: {shown}]".strip()
            self.options[name].help = text.replace("%", "%%")
        return super().format_help()


@dataclass(frozen=True)
class Program(Generic[S]):
    """`python -m <name>`. `refusals`: further exceptions at start whose text a person reads."""

    name: str
    about: str
    examples: str
    settings: type[S]
    serve: Callable[[S], Coroutine[Any, Any, None]]
    refusals: tuple[type[Exception], ...] = ()

    def parser(self) -> argparse.ArgumentParser:
        made = _Parser(
            prog=f"python -m {self.name}",
            description=self.about,
            epilog=f"{self.examples}\n{STATUSES}\n",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.add_argument(
            "--config", type=Path, metavar="FILE", help="TOML file with settings by their names"
        )
        made.settings = self.settings
        made.options = {
            name: made.add_argument(
                f"--{name.replace('_', '-')}", dest=name, metavar=name.rsplit("_", 1)[-1].upper()
            )
            for name in self.settings.model_fields
        }
        return made

    def told(self, arguments: Sequence[str] | None = None) -> S:
        """Options over the environment over the file."""
        options = vars(self.parser().parse_args(arguments))
        config = options.pop("config")
        given = {name: value for name, value in options.items() if value is not None}
        return self.settings.from_file(config, **given) if config else self.settings(**given)

    def run(self) -> int:
        """The exit status."""
        none_begun: tuple[type[Exception], ...] = (CannotBegin, OSError, *self.refusals)
        try:
            loop.run(self.serve(self.told()))
        except ValidationError as wrong:
            print(*refused(self.settings, wrong), sep="\n", file=sys.stderr)  # noqa: T201
            return CANNOT_BEGIN
        except none_begun as reason:
            print(f"{self.name}: {reason}", file=sys.stderr)  # noqa: T201
            return CANNOT_BEGIN
        return 0
