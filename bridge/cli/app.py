"""The command line, as a table of contents: `serve` (the default), and what an operator does."""

import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from bridge.cli import country, databases, running
from bridge.cli.common import Config, fail, settings_of
from wire.entry import CANNOT_BEGIN, STATUSES, CannotBegin

if TYPE_CHECKING:
    from bridge.app import Running


def explanation() -> str:
    """Every setting with its environment name, default and meaning."""
    from bridge.settings import Settings

    lines = ["Settings (environment, or the same names in a TOML file given with --config):", ""]
    for field in Settings.explained().values():
        default = field.default
        shown = "" if default is None else getattr(default, "get_secret_value", lambda d=default: d)()
        hidden = "…" if hasattr(default, "get_secret_value") else shown
        text = ",".join(hidden) if isinstance(hidden, tuple) else hidden
        lines.append(f"  {field.alias}={text}\n      {field.description or ''}".rstrip())
    lines += [
        "",
        STATUSES,
        "",
        "Examples:",
        "  python -m bridge                                  both servers, SQLite in bridge.db",
        "  BRIDGE_MODE=birth=sync,death=async python -m bridge serve",
        "  BRIDGE_DATABASE_URL=postgresql+asyncpg://crvs@db/bridge python -m bridge",
        "  BRIDGE_OPERATIONS_TOKEN=… python -m bridge pending --url http://127.0.0.1:2024",
        "  python -m bridge reject 5a1c… --reason 'The mother is registered under another name.'",
    ]
    return "\n".join(lines)


def default(context: typer.Context, config: Config = None) -> None:
    """Without a command: serve."""
    if context.invoked_subcommand is None:
        serve(config)


def serve(config: Config = None) -> None:
    """Listen until Ctrl-C. `python -m bridge settings` lists every setting."""
    # imported late: the other commands have no use for the servers
    from bridge.app import start
    from wire import loop
    from wire.logs import configure_logs
    from wire.world import World

    settings = settings_of(config)
    world = World.system()
    configure_logs(world, "json", settings.log_level)
    try:
        loop.run(loop.serve(start(settings, world), _tell))
    except CannotBegin as error:
        fail(str(error), CANNOT_BEGIN)


def _tell(running: "Running") -> None:
    trigger = running.trigger_url or "is not opened; BRIDGE_TRIGGER_PORT opens it"
    print(f"trigger  {trigger}", file=sys.stdout, flush=True)  # noqa: T201 - the terminal is the edge
    print(f"mediator {running.mediator_url}", file=sys.stdout, flush=True)  # noqa: T201


def list_settings() -> None:
    """Every setting: environment name, default, meaning; and examples."""
    typer.echo(explanation())


class _Bridge(TyperGroup):
    def format_help(self, *to: Any) -> None:
        # read when it is asked for; \b keeps click from filling the lines
        self.epilog = explanation().replace("\n\n", "\n\n\b\n")
        super().format_help(*to)


app = typer.Typer(
    cls=_Bridge,
    help="The bridge between OpenCRVS and a MOSIP-style national ID system: nothing lost, nothing twice.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=False,
    pretty_exceptions_enable=False,  # they print every local variable, secrets too
)
app.callback(invoke_without_command=True)(default)
app.command(epilog=None)(serve)
app.command("settings")(list_settings)
app.command("pending")(running.pending)
app.command("show")(running.show)
app.command("retry")(running.retry)
app.command("reject")(running.reject)
app.command("erase")(running.erase)
app.command("audit")(running.audit)
app.command("import")(databases.import_)
app.command("copy")(databases.copy)
of_country = typer.Typer(help="A country's own files.", no_args_is_help=True)
of_country.command("check")(country.check_country)
app.add_typer(of_country, name="country")
of_tokens = typer.Typer(help="Record tokens of what waits.", no_args_is_help=True)
of_tokens.command("replace")(running.replace_tokens)
app.add_typer(of_tokens, name="tokens")


def main() -> None:
    """What `bridge` does when it is loaded."""
    app()
