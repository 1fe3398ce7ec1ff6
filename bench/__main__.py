"""`make bench`: registrations and verifications per second, latency, start-up and memory, as one table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import process_time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.load import Measured
from bench.primitives import private_operations_per_second
from bench.registrations import Systems, registrations, systems, verifications
from wire.loop import run
from wire.world import World

app = typer.Typer(add_completion=False, help=__doc__)


@app.command(epilog="Example: python -m bench --count 4000 --in-flight 32")
def bench(
    count: Annotated[int, typer.Option(help="Pieces of work that are counted.")] = 2000,
    in_flight: Annotated[int, typer.Option(help="How many at once.")] = 32,
    warm_up: Annotated[int, typer.Option(help="Pieces of work done before, not counted.")] = 200,
) -> None:
    """Measure the parts as processes on this machine."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        run(_bench(Path(folder), console, count, in_flight, warm_up))


async def _bench(folder: Path, console: Console, count: int, in_flight: int, warm_up: int) -> None:
    table = Table("", "per second", "median ms", "99 % ms", "processor ms each: bridge", "ID system", "load")
    async with systems(folder, World.system(), in_flight) as parts:
        yardstick = private_operations_per_second(parts.country.key)
        table.add_row("RSA-2048 private operations, one core", f"{yardstick:.0f}", *[""] * 5)
        for name, work in (("registrations, end to end", registrations), ("/verify", verifications)):
            console.print(f"measuring {name} …", style="dim")
            before = _cpu(parts)
            measured = await work(parts, count, in_flight, warm_up)
            spent = [(b - a) / (count + warm_up) * 1000 for a, b in zip(before, _cpu(parts), strict=True)]
            table.add_row(name, *_shown(measured), *(f"{each:.2f}" for each in spent))
        table.add_row("accepted more than once", str(parts.country.again), *[""] * 5)
        for server in (parts.bridge, parts.nid):
            table.add_row(
                f"{server.name}: start {server.started:.2f} s, memory {server.memory_mib():.0f} MiB",
                *[""] * 6,
            )
    console.print(table)


def _cpu(parts: Systems) -> tuple[float, ...]:
    """Processor seconds so far of the bridge, the ID system, and this process (load and OpenCRVS's stub)."""
    return parts.bridge.cpu_seconds(), parts.nid.cpu_seconds(), process_time()


def _shown(measured: Measured) -> tuple[str, str, str]:
    return f"{measured.rate:.0f}", f"{measured.median:.1f}", f"{measured.p99:.1f}"


if __name__ == "__main__":
    app()
