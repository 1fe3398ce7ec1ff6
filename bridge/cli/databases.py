"""Commands that work on a database themselves: taking over the mediator's, and copying."""

import getpass
import json
import os
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bridge.cli.common import Config, Why, fail, run, settings_of, tell, utf8
from wire.entry import CANNOT_BEGIN, CannotBegin

if TYPE_CHECKING:
    from bridge.takeover import ImportReport

T = TypeVar("T")


def import_(
    source: Annotated[Path, typer.Option("--from", help="The mediator's SQLite file; it is only read.")],
    event_type: Annotated[
        str | None, typer.Option(help="birth or death: of rows whose number does not tell.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Count, and write nothing.")] = False,
    why: Why = None,
    config: Config = None,
) -> None:
    """Take over what OpenCRVS's mediator has in flight, which is stopped; bridges on PostgreSQL may run."""
    from bridge.preflight import open_vault
    from bridge.store.audit import OperatorAct
    from bridge.store.store import Store
    from bridge.takeover import take_over
    from wire.world import World

    settings, world = settings_of(config), World.system()
    if event_type not in (None, "birth", "death"):
        fail("--event-type is birth or death", CANNOT_BEGIN)
    if settings.sqlite_path and Path(settings.sqlite_path).resolve() == source.resolve():
        fail("the bridge needs a database of its own: BRIDGE_DATABASE_URL, and no SQLITE_DATABASE_PATH", 2)

    async def work() -> "ImportReport":
        store = await Store.open(settings.store_url, world, open_vault(settings, world))
        try:
            act = OperatorAct(_person(), "import", utf8(str(source)), why or "")
            if not dry_run:
                await store.audit.add(act)
            try:
                report = await take_over(source, store, world, kind=event_type, dry=dry_run)
            except CannotBegin as cannot:
                if not dry_run:
                    await store.audit.add(replace(act, came_to=f"not begun: {cannot}"))
                raise
            if not dry_run:
                await store.audit.add(replace(act, came_to=json.dumps(report.shown)))
            return report
        finally:
            await store.close()

    report = _run(work())
    tell(report.shown)
    for id, why_not in report.rows_refused:
        typer.echo(f"row {id} was not taken over: {why_not}", err=True)
    if report.refused:
        raise typer.Exit(1)


def copy(
    to: Annotated[str, typer.Option(help="Database URL of the target, as in BRIDGE_DATABASE_URL.")],
    dry_run: Annotated[bool, typer.Option(help="Count, and write nothing.")] = False,
    why: Why = None,
    config: Config = None,
) -> None:
    """Copy the bridge's database into another, as from SQLite to PostgreSQL; no bridge may run on either."""
    from bridge.store import copying
    from bridge.store.audit import Audit, OperatorAct
    from bridge.store.database import open_lanes
    from wire.world import World

    settings, world = settings_of(config), World.system()
    if to == settings.store_url:
        fail("--to names the database that is copied; give another", CANNOT_BEGIN)

    async def work() -> dict[str, Any]:
        source = await open_lanes(settings.store_url, world, alone=not dry_run)
        try:
            target = await open_lanes(to, world, "--to", half_copy=True, alone=not dry_run)
            try:
                report = (await copying.copy(source, target, dry=dry_run)).shown
                if not dry_run:  # afterwards: the source's own lines come first, under their numbers
                    act = OperatorAct(_person(), "copy", why=why or "", came_to=json.dumps(report["states"]))
                    await Audit(target.writer, target.listings, world.clock).add(act)
                return report
            finally:
                await target.close()
        finally:
            await source.close()

    report = _run(work())
    tell(report)
    if not (report["whole"] or dry_run):
        raise typer.Exit(1)


def _run(work: Coroutine[Any, Any, T]) -> T:
    from bridge.store.lanes import StoreTrouble

    try:
        return run(work)
    except StoreTrouble as trouble:
        fail(f"{trouble}; run it again: what is there is not written twice")


def _person() -> str:
    """Who is at this terminal."""
    try:
        return utf8(getpass.getuser())
    except (OSError, KeyError):  # a container's user has no name
        return f"uid {os.getuid()}"
