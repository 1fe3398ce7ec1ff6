"""The `rehearse` command: list, run, up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bridge.starting import CannotStart
from scenarios import library
from scenarios.engine import Engine, Options
from scenarios.events import Listener
from scenarios.library import ALL_PROFILES, NoSuchStory, Story
from scenarios.reports.html import HtmlReport
from scenarios.reports.junit import JUnitReport
from scenarios.reports.markdown import MarkdownReport
from scenarios.reports.plain import NdjsonReport
from scenarios.reports.terminal import TerminalReport
from testbed.serving import PortTaken
from wire.world import World

app = typer.Typer(
    name="rehearse",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Rehearse the joining of a civil registry (OpenCRVS) to a national ID system (MOSIP).\n\n"
    "Plays stories against both, judges five promises after each, and says what was seen.",
    epilog="Start with [bold]rehearse list[/], then [bold]rehearse run async_delay[/].",
)

DEFAULT_KEYS = Path(".rehearsal/keys")

Names = Annotated[list[str] | None, typer.Argument(help="Scenarios by name; none: all.", show_default=False)]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", "-t", help="Only scenarios with this tag; several: with all of them."),
]
Profile = Annotated[
    str, typer.Option("--profile", "-p", help=f"OpenCRVS protocol: {', '.join(ALL_PROFILES)}, or all.")
]
OneProfile = Annotated[
    str, typer.Option("--profile", "-p", help=f"OpenCRVS protocol: {', '.join(ALL_PROFILES)}.")
]
Keys = Annotated[
    Path, typer.Option("--keys", envvar="REHEARSAL_KEYS", help="Folder of test keys; missing ones are made.")
]


def _chosen(names: list[str] | None, tags: list[str] | None) -> list[Story]:
    try:
        return library.choose(names or (), tags or ())
    except NoSuchStory as error:
        raise typer.BadParameter(str(error)) from None


def _profiles(text: str) -> list[str]:
    if text == "all":
        return list(ALL_PROFILES)
    if text not in ALL_PROFILES:
        raise typer.BadParameter(f"no profile is called {text!r}; there are: {', '.join(ALL_PROFILES)}, all")
    return [text]


def _one_profile(text: str) -> None:
    """What plays once has one protocol."""
    if len(_profiles(text)) > 1:
        raise typer.BadParameter(f"one profile at a time here: {', '.join(ALL_PROFILES)}")


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
    for story in _chosen(None, tags):
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
    real_time: Annotated[
        bool, typer.Option("--real-time", help="On the real clock, for a demonstration; long waits stride.")
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
    html: Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML, for a pipeline.")] = None,
    ndjson: Annotated[Path | None, typer.Option(help="Write every event as a line of JSON.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary for a pull request.")] = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Play scenarios with all three servers in one process, and judge the five promises after each.

    Ends with status 1 when a scenario fails or a promise is broken.
    """
    from scenarios.opening import opener

    stories = _chosen(names, tags)
    wanted = _profiles(profile)
    console = Console()
    failed = False
    for one in wanted:
        options = Options(one, seed, real_time, keep_going, None if full else Options.most)
        files: list[tuple[Callable[[Path], Listener], Path | None]] = [
            (HtmlReport, html),
            (JUnitReport, junit),
            (NdjsonReport, ndjson),
            (MarkdownReport, markdown),
        ]
        listeners: list[Listener] = [TerminalReport(console, brief=brief, quiet=quiet)]
        listeners += _reports(files, one if len(wanted) > 1 else "")
        engine = Engine(opener(keys), options, listeners)
        failed |= asyncio.run(engine.run(stories)).failed
        if failed and not keep_going:
            break
    if failed:
        raise typer.Exit(1)


def _reports(files: list[tuple[Callable[[Path], Listener], Path | None]], profile: str) -> list[Listener]:
    """The report listeners asked for; with several profiles each gets a file of its own."""
    made: list[Listener] = []
    for make, path in files:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.append(make(path.with_stem(f"{path.stem}-{profile}") if profile else path))
    return made


@app.command(
    epilog="Examples: [bold]rehearse verify --bridge http://127.0.0.1:3040[/] · "
    "[bold]rehearse verify --bridge http://127.0.0.1:3040 --mediator http://127.0.0.1:2024 "
    "--operations-token SECRET --bridge-log bridge.log async_delay[/]"
)
def verify(
    names: Names = None,
    bridge: Annotated[str, typer.Option(help="Where OpenCRVS calls your server (the trigger).")] = "",
    mediator: Annotated[
        str, typer.Option(help="Where the ID system's hub calls it; default: the same address.")
    ] = "",
    operations_token: Annotated[
        str | None, typer.Option(help="Opens the bridge's /operations list, if it has one.")
    ] = None,
    bridge_log: Annotated[
        Path | None, typer.Option(help="The bridge's log file, to be read for leaks.")
    ] = None,
    patience: Annotated[float, typer.Option(help="Longest wait for the bridge, in seconds.")] = 30.0,
    tags: Tags = None,
    profile: OneProfile = "2.0",
    html: Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML, for a pipeline.")] = None,
    ndjson: Annotated[Path | None, typer.Option(help="Write every event as a line of JSON.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary for a pull request.")] = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Play the scenarios against a bridge of your own, which runs somewhere else, and judge what it does.

    The mocks listen on 7070, 4040, 20240 and 20260; point your bridge there and start it. What the bridge
    makes impossible is reported as not played, never as passed. Ends with status 1 when something failed.
    """
    from scenarios.up import STANDARD
    from scenarios.verifying import Foreign, NotThere, theatre

    if not bridge:
        raise typer.BadParameter("say where your bridge listens: --bridge URL")
    stories = _chosen(names, tags)
    foreign = Foreign(
        bridge.rstrip("/"), (mediator or bridge).rstrip("/"), operations_token, bridge_log, patience
    )
    _one_profile(profile)
    console = Console()
    files: list[tuple[Callable[[Path], Listener], Path | None]] = [
        (HtmlReport, html),
        (JUnitReport, junit),
        (NdjsonReport, ndjson),
        (MarkdownReport, markdown),
    ]

    async def play() -> bool:
        async with theatre(foreign, profile=profile, ports=STANDARD, keys=keys) as stage:
            console.print("The mocks are up; waiting for the bridge to subscribe.")
            await stage.awaits_bridge(World.system(), 60.0)
            listeners: list[Listener] = [TerminalReport(console, brief=True), *_reports(files, "")]
            options = Options(profile=profile, real_time=True)
            engine = Engine(stage.open_stage, options, listeners, foreign.trigger_url, foreign.lacks())
            return (await engine.run(stories)).failed

    try:
        failed = asyncio.run(play())
    except (NotThere, PortTaken) as error:
        Console(stderr=True).print(f"[bold red]rehearse verify:[/] {error}")
        raise typer.Exit(2) from None
    if failed:
        raise typer.Exit(1)


def _port(option: str, what: str, *names: str) -> Any:
    return typer.Option(option, envvar=list(names), min=0, max=65535, help=what, show_default=False)


@app.command(
    epilog="Examples: [bold]rehearse up[/] · [bold]rehearse up --profile 2.1 --gateway-port 7071[/] · "
    "[bold]BRIDGE_MODE=sync rehearse up[/]"
)
def up(
    profile: OneProfile = "2.0",
    seed: Annotated[int | None, typer.Option(help="Same seed, same people and ids.")] = None,
    gateway_port: Annotated[
        int | None, _port("--gateway-port", "OpenCRVS gateway; else 7070.", "MOCK_OPENCRVS_GATEWAY_PORT")
    ] = None,
    auth_port: Annotated[
        int | None, _port("--auth-port", "OpenCRVS auth; else 4040.", "MOCK_OPENCRVS_AUTH_PORT")
    ] = None,
    nid_port: Annotated[int | None, _port("--nid-port", "ID system; else 20240.", "MOCK_NID_PORT")] = None,
    esignet_port: Annotated[
        int | None, _port("--esignet-port", "eSignet; else 20260.", "MOCK_NID_ESIGNET_PORT")
    ] = None,
    trigger_port: Annotated[
        int | None, _port("--trigger-port", "Bridge for OpenCRVS; else 3040.", "BRIDGE_TRIGGER_PORT")
    ] = None,
    mediator_port: Annotated[
        int | None, _port("--mediator-port", "Bridge for the ID system; else 2024.", "PORT")
    ] = None,
    console_port: Annotated[
        int | None, _port("--console-port", "Console, a page for people; else 8070.", "CONSOLE_PORT")
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

    _one_profile(profile)
    asked = Asked(gateway_port, auth_port, nid_port, esignet_port, trigger_port, mediator_port)
    try:
        asyncio.run(
            keep_up(
                asked,
                profile=profile,
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
