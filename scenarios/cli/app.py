"""The `rehearse` command: list, run, verify, compare, doctor, requirements, up."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.commands import Command, Group
from scenarios.cli.doctor import DOCTOR_EXAMPLES, doctor
from scenarios.cli.options import (
    DEFAULT_KEYS,
    AuthPort,
    EsignetPort,
    GatewayPort,
    Keys,
    Locale,
    NidPort,
    OneProfile,
    Tags,
    chosen,
    one_profile,
    port,
    ready,
    writable_folder,
)
from scenarios.cli.requirements import REQUIREMENTS_EXAMPLES, requirements
from scenarios.cli.results import COMPARE_EXAMPLES, compare
from scenarios.cli.run import RUN_EXAMPLES, run
from scenarios.cli.serve import SERVE_EXAMPLES, serve
from scenarios.cli.trigger import TRIGGER_EXAMPLES, trigger
from scenarios.cli.verify import VERIFY_EXAMPLES, verify
from scenarios.reports.screen import screen
from wire.entry import STATUSES

LEVELS = ("debug", "info", "warning", "error")

app = typer.Typer(
    name="rehearse",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # older ones print every local variable, secrets too
    help="Rehearse the joining of a civil registry (OpenCRVS) to a national ID system (MOSIP).\n\n"
    "Plays stories against both, judges five promises after each, and says what was seen.",
    epilog=f"Start with [bold]rehearse list[/], then [bold]rehearse run async_delay[/].\n\n{STATUSES}",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rehearse {version('opencrvs-nid-rehearsal')}")
        raise typer.Exit


@app.callback()
def _of_every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    pass


@app.command(
    "list",
    cls=Command,
    epilog="Examples: [bold]rehearse list[/] · [bold]rehearse list --tag death --long[/] · "
    "[bold]rehearse list --json[/]",
)
def list_stories(
    tags: Tags = None,
    long: Annotated[bool, typer.Option("--long", "-l", help="Also what a country learns.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything about them, as a JSON array.")] = False,
) -> None:
    """Show the scenarios: name, what it plays, tags, and the OpenCRVS profiles where it makes sense."""
    stories = chosen(None, tags)
    if as_json:
        import json

        from scenarios.reports.plain import story_json

        typer.echo(json.dumps([story_json(story) for story in stories], indent=2))
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), header_style="bold", show_lines=False)
    for column in ("Scenario", "What it plays", "Tags", "Profiles"):
        table.add_column(column, overflow="fold")
    for story in stories:
        words = f"{story.title}\n[dim]{story.learns}[/]" if long else story.title
        table.add_row(
            f"[bold]{story.name}[/]", words, ", ".join(sorted(story.tags)), ", ".join(story.profiles)
        )
    screen().print(table)


app.command(cls=Command, epilog=RUN_EXAMPLES)(run)
app.command(cls=Command, epilog=VERIFY_EXAMPLES)(verify)
app.command(cls=Command, epilog=SERVE_EXAMPLES)(serve)
app.command(cls=Command, epilog=TRIGGER_EXAMPLES)(trigger)
app.command(cls=Command, epilog=COMPARE_EXAMPLES)(compare)
app.command(cls=Command, epilog=DOCTOR_EXAMPLES)(doctor)
app.command(cls=Command, epilog=REQUIREMENTS_EXAMPLES)(requirements)


@app.command(
    cls=Command,
    epilog="Examples: [bold]rehearse up[/] · [bold]rehearse up --profile 2.1 --gateway-port 7071[/] · "
    "[bold]BRIDGE_MODE=sync rehearse up[/]",
)
def up(
    profile: OneProfile = "2.0",
    seed: Annotated[int | None, typer.Option(help="Same seed, same people and ids.")] = None,
    locale: Locale = None,
    gateway_port: GatewayPort = None,
    auth_port: AuthPort = None,
    nid_port: NidPort = None,
    esignet_port: EsignetPort = None,
    trigger_port: Annotated[
        int | None, port("--trigger-port", "Bridge for OpenCRVS; else 3040.", "BRIDGE_TRIGGER_PORT")
    ] = None,
    mediator_port: Annotated[
        int | None, port("--mediator-port", "Bridge for the ID system; else 2024.", "PORT")
    ] = None,
    console_port: Annotated[
        int | None, port("--console-port", "Console, a page for people; else 8070.", "CONSOLE_PORT")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder that keeps the bridge's database.")] = None,
    log_level: Annotated[str, typer.Option(help=f"{', '.join(LEVELS[:-1])} or {LEVELS[-1]}.")] = "warning",
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Start all servers on their ports and keep them running until Ctrl-C.

    A port that you name must be free; where you name none, the next free one is taken.
    Everything else is set by the servers' own environment variables (MOCK_OPENCRVS_…, MOCK_NID_…, BRIDGE_…).
    """
    one_profile(profile)
    if log_level.lower() not in LEVELS:
        raise typer.BadParameter(f"{log_level!r} is none of {', '.join(LEVELS)}", param_hint="--log-level")
    ready(keys)
    if data is not None:
        writable_folder(data, "--data")
    from scenarios.cli.up import up as keep_up
    from scenarios.console.alongside import alongside
    from scenarios.stage.ports import OPTIONS
    from wire import loop

    ports = (gateway_port, auth_port, nid_port, esignet_port, trigger_port, mediator_port)
    asked = dict(zip(OPTIONS, ports, strict=True))
    loop.run(
        keep_up(
            asked,
            profile=profile,
            locale=locale,
            seed=seed,
            keys=keys,
            data=data,
            log_level=log_level,
            out=screen(),
            more=partial(alongside, port=console_port),
        )
    )


def main() -> None:
    """What `rehearse` does when it is loaded."""
    app()
