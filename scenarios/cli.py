"""The `rehearse` command: list, run, verify, up."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bridge.starting import CannotStart
from scenarios.cli_options import (
    DEFAULT_KEYS,
    AuthPort,
    EsignetPort,
    GatewayPort,
    Html,
    Junit,
    Keys,
    Locale,
    Markdown,
    Names,
    Ndjson,
    NidPort,
    OneProfile,
    Profile,
    Tags,
    chosen,
    one_profile,
    port,
    profiles,
    reports,
)
from scenarios.cli_verify import EXAMPLES, verify
from scenarios.engine import Engine, Options
from scenarios.events import Listener
from scenarios.reports.terminal import TerminalReport
from testbed.serving import PortTaken

app = typer.Typer(
    name="rehearse",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Rehearse the joining of a civil registry (OpenCRVS) to a national ID system (MOSIP).\n\n"
    "Plays stories against both, judges five promises after each, and says what was seen.",
    epilog="Start with [bold]rehearse list[/], then [bold]rehearse run async_delay[/].",
)


@app.command("list", epilog="Examples: [bold]rehearse list[/] · [bold]rehearse list --tag death --long[/]")
def list_stories(
    tags: Tags = None,
    long: Annotated[bool, typer.Option("--long", "-l", help="Also what a country learns.")] = False,
) -> None:
    """Show the scenarios: name, what it plays, tags, and the OpenCRVS profiles where it makes sense."""
    console = Console()
    table = Table(box=None, padding=(0, 1), header_style="bold", show_lines=False)
    for column in ("Scenario", "What it plays", "Tags", "Profiles"):
        table.add_column(column, overflow="fold")
    for story in chosen(None, tags):
        words = f"{story.title}\n[dim]{story.learns}[/]" if long else story.title
        table.add_row(
            f"[bold]{story.name}[/]", words, ", ".join(sorted(story.tags)), ", ".join(story.profiles)
        )
    console.print(table)


@app.command(
    epilog="Examples: [bold]rehearse run[/] · [bold]rehearse run async_delay stalled[/] · "
    "[bold]rehearse run --tag death --profile 1.9[/] · "
    "[bold]rehearse run --quiet --junit report.xml --html report.html[/]"
)
def run(
    names: Names = None,
    tags: Tags = None,
    profile: Profile = "2.0",
    seed: Annotated[int, typer.Option(help="Same seed, same people, ids and delays.")] = 1,
    locale: Locale = None,
    real_time: Annotated[
        bool, typer.Option("--real-time", help="For spectators: from today on, and slow enough to watch.")
    ] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going/--stop-at-failure", help="Play the rest after a failure.")
    ] = True,
    full: Annotated[
        bool,
        typer.Option("--full", help="Crowds at full size: 5,000 records instead of at most 500."),
    ] = False,
    brief: Annotated[
        bool, typer.Option("--brief", "-b", help="Leave out the exchanges on the wire.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="One line a scenario; failures in full.")
    ] = False,
    html: Html = None,
    junit: Junit = None,
    ndjson: Ndjson = None,
    markdown: Markdown = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Play scenarios with all three servers in one process, and judge the five promises after each.

    Ends with status 1 when a scenario fails or a promise is broken.
    """
    from scenarios.opening import opener

    stories = chosen(names, tags)
    wanted = profiles(profile)
    console = Console()
    failed = False
    for one in wanted:
        options = Options(
            profile=one,
            locale=locale,
            seed=seed,
            spectators=real_time,
            keep_going=keep_going,
            most=None if full else Options.most,
        )
        listeners: list[Listener] = [TerminalReport(console, brief=brief, quiet=quiet)]
        listeners += reports(html, junit, ndjson, markdown, one if len(wanted) > 1 else "")
        engine = Engine(opener(keys), options, listeners)
        failed |= asyncio.run(engine.run(stories)).failed
        if failed and not keep_going:
            break
    if failed:
        raise typer.Exit(1)


app.command(epilog=EXAMPLES)(verify)


@app.command(
    epilog="Examples: [bold]rehearse up[/] · [bold]rehearse up --profile 2.1 --gateway-port 7071[/] · "
    "[bold]BRIDGE_MODE=sync rehearse up[/]"
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
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "warning",
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Start all servers on their ports and keep them running until Ctrl-C.

    A port that you name must be free; where you name none, the next free one is taken.
    Everything else is set by the servers' own environment variables (MOCK_OPENCRVS_…, MOCK_NID_…, BRIDGE_…).
    """
    from scenarios.console.alongside import alongside
    from scenarios.up import Asked
    from scenarios.up import up as keep_up

    one_profile(profile)
    asked = Asked(gateway_port, auth_port, nid_port, esignet_port, trigger_port, mediator_port)
    try:
        asyncio.run(
            keep_up(
                asked,
                profile=profile,
                locale=locale,
                seed=seed,
                keys=keys,
                data=data,
                log_level=log_level,
                out=Console(),
                more=partial(alongside, port=console_port),
            )
        )
    except (PortTaken, CannotStart) as taken:
        Console(stderr=True).print(f"[bold red]rehearse up:[/] {taken}")
        raise typer.Exit(1) from None


def main() -> None:
    """The entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
