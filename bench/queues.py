"""`python -m bench.queues`: a workqueue's count and first page over HTTP, with many records in store."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.table import Table

from mock_opencrvs.app import Running, start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from scenarios.reports.screen import screen
from testbed.browser import Browser
from wire import loop
from wire.world import World

SLUG = "in-external-validation"
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


def load(running: Running, records: int, pending: int) -> None:
    """Fill the registry without HTTP: declared births, `pending` of them waiting."""
    world = World.virtual(seed=1)
    families = Families(world)
    author: dict[str, Any] = {
        "createdAt": world.timestamp(),
        "createdByUserType": "user",
        "createdBy": "6f1f0a52-3b0e-4a25-9df0-5a55a5a5a502",
        "createdByRole": "LOCAL_REGISTRAR",
        "createdAtLocation": "b3d1c2aa-0000-4000-8000-00000000000f",
    }
    for number in range(records):
        kinds = [("CREATE", "Accepted"), ("DECLARE", "Accepted")]
        if number < pending:
            kinds.append(("REGISTER", "Requested"))
        declaration = dict(families.birth().declaration)
        actions: list[Any] = [
            {
                "id": world.chance.uuid(),
                "type": kind,
                "status": status,
                "transactionId": world.chance.uuid(),
                "declaration": declaration if kind == "DECLARE" else {},
                **author,
            }
            for kind, status in kinds
        ]
        running.records.load(
            {
                "id": world.chance.uuid(),
                "type": "birth",
                "trackingId": running.records.new_tracking_id(world.chance),
                "createdAt": author["createdAt"],
                "updatedAt": author["createdAt"],
                "actions": actions,
            }
        )
    running.core.reindex_all()


@app.command()
def bench(
    records: Annotated[int, typer.Option(help="Records in the registry.")] = 10_000,
    pending: Annotated[int, typer.Option(help="Of these: waiting in external validation.")] = 500,
    calls: Annotated[int, typer.Option(help="Calls of each kind.")] = 100,
) -> None:
    """Measure in one process, over a loopback socket."""
    loop.run(_bench(records, pending, calls))


async def _bench(records: int, pending: int, calls: int) -> None:
    world = World.system(seed=1)
    with tempfile.TemporaryDirectory() as folder:
        running = await start(Settings(gateway_port=0, auth_port=0, keys=Path(folder)), world)
    began = time.perf_counter()
    load(running, records, pending)
    table = Table(f"{records} records, {pending} pending", "median ms", "slowest ms")
    table.add_row("load and index all", f"{(time.perf_counter() - began) * 1000:.0f}", "")
    async with Browser(running.gateway_url, world) as registrar:
        query = await registrar.queue_query(SLUG)
        sort = [{"field": "updatedAt", "direction": "asc"}]
        page = {"query": query, "limit": 10, "offset": 0, "sort": sort}
        for name, path, value in (
            ("workqueue.count", "workqueue.count", [{"slug": SLUG, "query": query}]),
            ("first page", "event.search", page),
        ):
            taken = []
            for _ in range(calls):
                at = time.perf_counter()
                await registrar.query(path, value)
                taken.append((time.perf_counter() - at) * 1000)
            table.add_row(name, f"{median(taken):.1f}", f"{max(taken):.1f}")
    await running.close()
    screen().print(table)


if __name__ == "__main__":
    app()
