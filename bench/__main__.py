"""`make bench`: registrations and verifications per second, latency, start-up and memory, as one table."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.load import Measured, Size
from bench.primitives import private_operations_per_second
from bench.registrations import intake, overload, registrations, verifications
from bench.systems import MeasuredSystems, with_mock, with_stub
from bench.triggers import clicks
from scenarios.cli.commands import Command
from scenarios.reports.screen import screen
from wire.loop import run
from wire.world import World

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
TAKES, ARRIVE = 22, 44
"""A second: what MOSIP was tested at, and what is sent against it."""
Work = Callable[[MeasuredSystems, Size], Awaitable[Measured]]
EXAMPLES = """Examples:

\b
  python -m bench                      as on the page about performance
  python -m bench --count 4000 --in-flight 64
  python -m bench --waiting 1000000    with a million in the store
  python -m bench --database postgresql://bridge@127.0.0.1/empty
  python -m bench --database postgresql://bridge@127.0.0.1/empty --bridges 2
"""


@app.command(epilog=EXAMPLES, cls=Command)
def bench(
    count: Annotated[int, typer.Option(help="Pieces of work that are counted.")] = 2000,
    in_flight: Annotated[int, typer.Option(help="How many at once.")] = 32,
    warm_up: Annotated[int, typer.Option(help="Pieces of work done before, not counted.")] = 200,
    waiting: Annotated[
        int, typer.Option(help="Registrations that wait in the bridge's store before it starts.")
    ] = 0,
    database: Annotated[
        str, typer.Option(help="An empty PostgreSQL database for the bridge, instead of SQLite.")
    ] = "",
    bridges: Annotated[int, typer.Option(min=1, help="How many bridges share that database.")] = 1,
) -> None:
    """Measure the parts as processes on this machine."""
    if waiting and database:
        raise typer.BadParameter("--waiting fills SQLite only; leave --database out")
    if bridges > 1 and not database:
        raise typer.BadParameter("several --bridges need one PostgreSQL: give --database")
    with tempfile.TemporaryDirectory() as folder:
        size = Size(count, in_flight, warm_up)
        run(_bench(Path(folder), screen(), size, waiting, database, bridges))


async def _bench(
    folder: Path, console: Console, size: Size, waiting: int, database: str, bridges: int
) -> None:
    table = Table(
        "",
        "per second",
        "median ms",
        "99 % ms",
        "processor ms each: bridges",
        "ID system",
        "OpenCRVS mock",
        "load and stub",
    )
    version = sys.version.split()[0]
    console.print(f"Python {version}, {platform.machine()}, {size.in_flight} in flight, bridges: {bridges}")
    world, shorter = World.system(), replace(size, count=min(size.count, 500))

    async def row(name: str, work: Work, parts: MeasuredSystems, size: Size) -> None:
        console.print(f"measuring {name} …", style="dim")
        add(name, await work(parts, size))

    def add(name: str, measured: Measured) -> None:
        figures = (f"{measured.rate:.0f}", f"{measured.median:.1f}", f"{measured.p99:.1f}")
        table.add_row(name, *figures, *(f"{each:.2f}" if each else "" for each in measured.spent))

    if waiting:
        console.print(f"filling the store with {waiting} registrations …", style="dim")
    for part in ("stub", "mock"):
        (folder / part).mkdir()
    async with with_stub(folder / "stub", world, size.in_flight, waiting, database, "", bridges) as parts:
        assert parts.country is not None
        yardstick = private_operations_per_second(parts.country.key)
        table.add_row("RSA-2048 private operations, one core", f"{yardstick:.0f}")
        await row("/events/registration, until its 202", intake, parts, shorter)
        await row("registrations, end to end", registrations, parts, size)
        await row("/verify", verifications, parts, size)
        table.add_row("accepted more than once", str(parts.country.again))
        _sizes(table, parts)
    console.print(f"measuring an overload: {ARRIVE} arrive a second, {TAKES} may go on …", style="dim")
    async with with_stub(
        folder / "stub", world, size.in_flight, 0, database, f"nid={TAKES}", bridges
    ) as parts:
        each = replace(shorter, count=shorter.count // 2, warm_up=0)
        first, second, seconds = await overload(parts, each, ARRIVE)
        add("202 under overload, first half", first)
        add("202 under overload, second half", second)
        rate = f"{2 * each.count / seconds:.0f}"
        table.add_row(f"all {2 * each.count} of the overload confirmed", rate)
    if not database:  # it holds what the stub's bridge sealed with other keys
        async with with_mock(folder / "mock", world, size.in_flight) as parts:
            await row("clicks, through OpenCRVS's mock", clicks, parts, shorter)
    console.print(table)


def _sizes(table: Table, parts: MeasuredSystems) -> None:
    for server in parts.processes:
        figures = f"start {server.started:.2f} s, memory {server.memory_mib():.0f} MiB"
        table.add_row(f"{server.name}: {figures}")


if __name__ == "__main__":
    app()
