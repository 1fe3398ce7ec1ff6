"""`rehearse run`: scenarios played by our own three servers, and judged."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.commands import again
from scenarios.cli.options import (
    DEFAULT_KEYS,
    Badge,
    Brief,
    Country,
    Html,
    Junit,
    Keys,
    Locale,
    Markdown,
    Names,
    Ndjson,
    Product,
    Profile,
    Quiet,
    Reports,
    Result,
    SigningKey,
    Tags,
    Verbose,
    chosen,
    profiles,
    ready,
    tells,
)
from scenarios.reports.screen import screen
from wire.entry import INTERRUPTED

if TYPE_CHECKING:
    from scenarios.engine import Engine, Options
    from scenarios.events import Listener
    from scenarios.reports.result import Subject

RUN_EXAMPLES = (
    "Examples: [bold]rehearse run[/] · [bold]rehearse run async_delay stalled[/] · "
    "[bold]rehearse run --tag death --profile 1.9[/] · [bold]rehearse run --jobs 1 --verbose[/] · "
    "[bold]rehearse run --quiet --junit report.xml --html report.html[/]"
)


def run(
    ctx: typer.Context,
    names: Names = None,
    tags: Tags = None,
    profile: Profile = "2.0",
    seed: Annotated[int, typer.Option(help="Same seed, same people, ids and delays.")] = 1,
    locale: Locale = None,
    country: Country = None,
    real_time: Annotated[
        bool, typer.Option("--real-time", help="For spectators: from today on, and slow enough to watch.")
    ] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going/--stop-at-failure", help="Play the rest after a failure.")
    ] = True,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            show_default=False,
            help="Scenarios that are played side by side; else one for each processor, and one at a time "
            "where they are told.",
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Crowds at full size: up to 5,000 records instead of at most 60."),
    ] = False,
    brief: Brief = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    html: Html = None,
    junit: Junit = None,
    ndjson: Ndjson = None,
    markdown: Markdown = None,
    result: Result = None,
    badge: Badge = None,
    product: Product = "the kit's own bridge",
    signing_key: SigningKey = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Play scenarios with all three servers on this machine, and judge the five promises after each.

    Up to three scenarios that you name are told as they happen. Of more, each gets a line; what failed is
    told in full at the end.

    Ends with status 1 when a scenario fails, a promise is broken or a report cannot be written, and 130 after
    Ctrl-C.
    """
    stories = chosen(names, tags)
    wanted = profiles(profile)
    told = tells(stories, names, quiet=quiet, verbose=verbose or real_time)
    written = Reports.tried(
        html=html, junit=junit, ndjson=ndjson, markdown=markdown, result=result, badge=badge
    )
    per_profile = [written.of_profile(one) if len(wanted) > 1 else written for one in wanted]
    ready(keys)

    from scenarios.engine import Options
    from scenarios.reports.terminal import TerminalReport
    from wire import loop

    many = min(jobs or (1 if told else _processors()), len(stories))
    failed = False
    for one, files in zip(wanted, per_profile, strict=True):
        left = files.written(partial(_ours, product), keys, signing_key)
        report = TerminalReport(
            screen(),
            tells=told,
            brief=brief,
            quiet=quiet,
            again=again(ctx, profile=one),
            files=left,
            live=many == 1,
        )
        listeners: list[Listener] = [left, report]
        options = Options(
            profile=one,
            locale=locale,
            country=country,
            seed=seed,
            spectators=real_time,
            keep_going=keep_going,
            most=None if full else Options.most,
        )
        make = partial(_engine, keys, options)
        if many > 1:
            from scenarios import side_by_side

            ended = side_by_side.run(make, listeners, stories, many, report.progress.playing)
        else:
            ended = loop.run(make(listeners).run(stories), plain=True)
        if ended.interrupted:
            raise typer.Exit(INTERRUPTED)
        failed |= ended.failed or bool(left.lost)
        if failed and not keep_going:
            break
    if failed:
        raise typer.Exit(1)


def _engine(keys: Path, options: "Options", listeners: "Sequence[Listener]") -> "Engine":
    """An engine on stages of this process; a function of the module, so that another process can have it."""
    from scenarios.engine import Engine
    from scenarios.stage.setup import opener

    return Engine(opener(keys), options, listeners)


def _ours(product: str) -> "Subject":
    from scenarios.reports.result import Subject

    return Subject(part="bridge", product=product)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
