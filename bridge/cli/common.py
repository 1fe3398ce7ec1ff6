"""What commands share: their options, the settings, how they end."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from wire.entry import CANNOT_BEGIN, INTERRUPTED, CannotBegin
from wire.foreign_json import read_json

# what a command works with is imported when it does: the help of all is read without
if TYPE_CHECKING:
    from bridge.settings import Settings


def reason(given: str | None) -> str | None:
    """As the bridge takes it over HTTP."""
    if given is not None and not (1 <= len(given.strip()) <= 500 and utf8(given) == given):
        raise typer.BadParameter("a text of 1 to 500 characters is due")
    return given and given.strip()


def utf8(given: str) -> str:
    """A word of the command line or the environment, whatever bytes it was, as a text."""
    return given.encode(errors="backslashreplace").decode()


T = TypeVar("T")
Why = Annotated[str | None, typer.Option(callback=reason, help="For `bridge audit`; name no person in it.")]
Config = Annotated[Path | None, typer.Option(help="TOML file with settings; the environment wins over it.")]


def settings_of(config: Path | None) -> Settings:
    from pydantic import ValidationError

    from bridge.settings import Settings

    try:
        return Settings.from_file(config) if config else Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        fail(f"setting {name}: {first['msg'].removeprefix('Value error, ')}", CANNOT_BEGIN)
    except (OSError, ValueError) as error:
        fail(str(error), CANNOT_BEGIN)


def json_in(file: Path) -> Any:
    try:
        return read_json(file.read_bytes())
    except (OSError, ValueError) as error:
        fail(f"{file}: {error}", CANNOT_BEGIN)


def printable(text: str) -> str:
    """What others wrote, for a terminal, which would obey its control characters: those are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def fail(message: str, status: int = 1) -> NoReturn:
    typer.echo("\n".join(map(printable, message.split("\n"))), err=True)
    raise typer.Exit(status)


def tell(told: Any) -> None:
    """Print JSON."""
    typer.echo(json.dumps(told, indent=2))


def run(work: Coroutine[Any, Any, T]) -> T:
    """What it returns; or the end of the command, with what kept it from that."""
    from wire import loop

    try:
        return loop.run(work)
    except CannotBegin as error:
        fail(str(error), CANNOT_BEGIN)
    except KeyboardInterrupt:
        fail("interrupted", INTERRUPTED)
