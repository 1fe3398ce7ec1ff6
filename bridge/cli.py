"""The command line: `serve` (the default), and the operations `pending`, `show`, `retry`, `reject`."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from urllib.parse import quote, urlencode

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from bridge.app import Running, open_vault, start
from bridge.country.checking import checked
from bridge.country.faults import faults_of, idle_rules, lacking_fields
from bridge.country.folder import kinds_of
from bridge.opencrvs.forms import fields_of
from bridge.settings import Settings
from bridge.store import copying
from bridge.store.audit import Audit, OperatorAct
from bridge.store.database import open_lanes
from bridge.store.lanes import StoreTrouble
from bridge.store.store import Store
from bridge.takeover import ImportReport, take_over
from wire import loop
from wire.addresses import listening_address
from wire.foreign_json import read_json
from wire.http.client import HttpClient, Reply
from wire.logs import configure_logs
from wire.loop import CANNOT_BEGIN, INTERRUPTED, STATUSES, CannotBegin
from wire.opencrvs.profiles import Profile
from wire.world import World


def _epilog() -> str:
    """Every setting with its environment name, default and meaning."""
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


app = typer.Typer(
    help="The bridge between OpenCRVS and a MOSIP-style national ID system: nothing lost, nothing twice.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=False,
    pretty_exceptions_enable=False,  # they print every local variable, secrets too
    # \b keeps click from filling the lines
    epilog=_epilog().replace("\n\n", "\n\n\b\n"),
)
country = typer.Typer(help="A country's own files.", no_args_is_help=True)
app.add_typer(country, name="country")
T = TypeVar("T")
_REGISTRATIONS = "/operations/registrations"
_TOKENS_AT_ONCE = 200


def _reason(given: str | None) -> str | None:
    """As the bridge takes it over HTTP."""
    if given is not None and not (1 <= len(given.strip()) <= 500 and _utf8(given) == given):
        raise typer.BadParameter("a text of 1 to 500 characters is due")
    return given and given.strip()


def _utf8(given: str) -> str:
    """A word of the command line or the environment, whatever bytes it was, as a text."""
    return given.encode(errors="backslashreplace").decode()


Why = Annotated[str | None, typer.Option(callback=_reason, help="For `bridge audit`; name no person in it.")]
Config = Annotated[Path | None, typer.Option(help="TOML file with settings; the environment wins over it.")]
Url = Annotated[
    str | None, typer.Option(help="The running bridge's mediator port; default: from the settings.")
]


@app.callback(invoke_without_command=True)
def default(context: typer.Context, config: Config = None) -> None:
    """Without a command: serve."""
    if context.invoked_subcommand is None:
        serve(config)


@app.command(epilog=None)
def serve(config: Config = None) -> None:
    """Listen until Ctrl-C. `python -m bridge settings` lists every setting."""
    settings = _settings(config)
    world = World.system()
    configure_logs(world, "json", settings.log_level)
    try:
        loop.run(loop.serve(start(settings, world), _tell))
    except CannotBegin as error:
        _fail(str(error), CANNOT_BEGIN)


def _tell(running: Running) -> None:
    trigger = running.trigger_url or "is not opened; BRIDGE_TRIGGER_PORT opens it"
    print(f"trigger  {trigger}", file=sys.stdout, flush=True)  # noqa: T201 - the terminal is the edge
    print(f"mediator {running.mediator_url}", file=sys.stdout, flush=True)  # noqa: T201


@app.command("settings")
def list_settings() -> None:
    """Every setting: environment name, default, meaning; and examples."""
    typer.echo(_epilog())


@app.command()
def pending(
    state: Annotated[str | None, typer.Option(help="Only this state, e.g. STUCK.")] = None,
    limit: int = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    url: Url = None,
    config: Config = None,
) -> None:
    """What is not settled, oldest first, and why it waits."""
    query = {"limit": limit} | ({"state": state} if state else {})
    answer = _call("GET", f"{_REGISTRATIONS}?{urlencode(query)}", url, config)
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
        return
    table = Table("registration", "state", "reason", "event", "received", "attempts", "last error")
    for row in answer["registrations"]:
        cells = (row["id"], row["state"], row["reason"], row["event_id"], row["received_at"], row["attempts"])
        table.add_row(*(str(cell or "") for cell in cells), (row["last_error"] or "")[:60])
    Console().print(table)
    for name, count in answer["counts"].items():
        typer.echo(f"{name}: {count}")
    typer.echo(f"oldest: {answer['oldest']:.0f} s; tokens that run out: {answer['tokens_expiring']}")
    for each in answer["certificates"]:
        typer.echo(f"{each['setting']}: {'ran out' if each['over'] else 'runs out'} {each['until']}")
    for each in answer["drain"]:
        takes = "unknown" if each["seconds"] is None else f"{each['seconds']:.0f} s"
        typer.echo(f"due at {each['destination']}: {each['waiting']}, time to drain {takes}")


@app.command()
def show(id: str, url: Url = None, config: Config = None) -> None:
    """One registration with its history; by registration, packet, event or action id."""
    typer.echo(json.dumps(_call("GET", _path(id), url, config), indent=2))


@app.command()
def retry(id: str, why: Why = None, url: Url = None, config: Config = None) -> None:
    """Let a stuck registration go on where it got stuck."""
    typer.echo(json.dumps(_call("POST", f"{_path(id)}/retry", url, config, {"why": why}), indent=2))


@app.command()
def reject(
    id: str,
    reason: Annotated[str, typer.Option(help="What the registrar reads.")],
    why: Why = None,
    url: Url = None,
    config: Config = None,
) -> None:
    """Reject a pending registration in OpenCRVS with a reason."""
    answer = _call("POST", f"{_path(id)}/reject", url, config, {"reason": reason, "why": why})
    typer.echo(json.dumps(answer, indent=2))


@app.command()
def erase(
    event: Annotated[str, typer.Argument(help="The event's id at OpenCRVS.")],
    why: Annotated[
        str, typer.Option(callback=_reason, help="As the number of the request; name no person in it.")
    ],
    url: Url = None,
    config: Config = None,
) -> None:
    """Erase all that the bridge keeps about one event that is settled; prints a proof of what was erased."""
    proof = _call("POST", "/operations/erase", url, config, {"event": event, "why": why})
    typer.echo(json.dumps(proof, indent=2))
    if proof["left"]:
        raise typer.Exit(1)


@app.command()
def audit(
    after: Annotated[int, typer.Option(help="Only lines after the one of this number.")] = 0,
    url: Url = None,
    config: Config = None,
) -> None:
    """What operators did: who, when, what, why; one JSON object a line, oldest first."""
    while acts := _call("GET", f"/operations/audit?after={after}", url, config)["acts"]:
        for act in acts:
            typer.echo(json.dumps(act, ensure_ascii=False))
        after = acts[-1]["number"]


@country.command("check")
def check_country(
    folder: Annotated[Path, typer.Argument(help="The folder that BRIDGE_COUNTRY is to name.")],
    declaration: Annotated[
        Path | None, typer.Option(help="A declaration as JSON: the packet that it makes is shown.")
    ] = None,
    event: Annotated[str, typer.Option(help="The event type of the declaration.")] = "birth",
    profile: Annotated[
        Profile, typer.Option(envvar="OPENCRVS_PROFILE", help="The OpenCRVS that it is to serve.")
    ] = Profile.V2_0,
    forms: Annotated[
        Path | None, typer.Option(help="The forms, as `/config/events` of a country config has them (JSON).")
    ] = None,
) -> None:
    """Whether a country's files are right; with a declaration its packet, and what the ID schema says."""
    if faults := faults_of(folder, profile) or list(idle_rules(folder, profile)):
        _fail("\n".join(faults))
    if forms is not None:
        found = fields_of(_json(forms))
        if found is None:
            _fail(f"{forms}: a list of event configurations is due, as /config/events answers", CANNOT_BEGIN)
        if faults := list(lacking_fields(folder, found)):
            _fail("\n".join(faults))
    typer.echo(f"{folder}: {', '.join(sorted(kinds_of(folder)))}; no fault found")
    if declaration is None:
        return
    given = _json(declaration)
    if not isinstance(given, dict):
        _fail(f"{declaration}: an object is due, from field to value", CANNOT_BEGIN)
    fields, wrong = checked(folder, event, given)
    typer.echo(json.dumps(fields, indent=2, ensure_ascii=False))
    if wrong:
        _fail("\n".join(wrong))
    typer.echo("the ID schema takes it")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Option("--from", help="The mediator's SQLite file; it is only read.")],
    event_type: Annotated[
        str | None, typer.Option(help="birth or death: of rows whose number does not tell.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Count, and write nothing.")] = False,
    why: Why = None,
    config: Config = None,
) -> None:
    """Take over what OpenCRVS's mediator has in flight; neither may run meanwhile."""
    settings, world = _settings(config), World.system()
    if event_type not in (None, "birth", "death"):
        _fail("--event-type is birth or death", CANNOT_BEGIN)
    if settings.sqlite_path and Path(settings.sqlite_path).resolve() == source.resolve():
        _fail("the bridge needs a database of its own: BRIDGE_DATABASE_URL, and no SQLITE_DATABASE_PATH", 2)

    async def run() -> ImportReport:
        store = await Store.open(settings.store_url, world, open_vault(settings, world))
        try:
            act = OperatorAct(_person(), "import", _utf8(str(source)), why or "")
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

    report = _run(run())
    typer.echo(json.dumps(report.shown, indent=2))
    for id, why_not in report.rows_refused:
        typer.echo(f"row {id} was not taken over: {why_not}", err=True)
    if report.refused:
        raise typer.Exit(1)


@app.command()
def copy(
    to: Annotated[str, typer.Option(help="Database URL of the target, as in BRIDGE_DATABASE_URL.")],
    dry_run: Annotated[bool, typer.Option(help="Count, and write nothing.")] = False,
    why: Why = None,
    config: Config = None,
) -> None:
    """Copy the bridge's database into another, as from SQLite to PostgreSQL; no bridge may run meanwhile."""
    settings, world = _settings(config), World.system()
    if to == settings.store_url:
        _fail("--to names the database that is copied; give another", CANNOT_BEGIN)

    async def run() -> dict[str, Any]:
        source = await open_lanes(settings.store_url, world)
        try:
            target = await open_lanes(to, world, "--to")
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

    report = _run(run())
    typer.echo(json.dumps(report, indent=2))
    if not (report["whole"] or dry_run):
        raise typer.Exit(1)


tokens = typer.Typer(help="Record tokens of what waits.", no_args_is_help=True)
app.add_typer(tokens, name="tokens")


@tokens.command("replace")
def replace_tokens(
    source: Annotated[Path, typer.Option("--from", help="File with one record token a line.")],
    why: Why = None,
    url: Url = None,
    config: Config = None,
) -> None:
    """Give what waits new record tokens, each to the event and action that it names; what was stuck or held
    for its token goes on.
    """
    try:
        given = source.read_text(encoding="utf-8").split()
    except (OSError, ValueError) as error:
        why_not = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        _fail(f"{source} cannot be read: {why_not}", CANNOT_BEGIN)
    if not given:
        _fail(f"{source} holds no token; one a line is due", CANNOT_BEGIN)
    counts: Counter[str] = Counter()
    for at in range(0, len(given), _TOKENS_AT_ONCE):
        body = {"tokens": given[at : at + _TOKENS_AT_ONCE], "why": why}
        counts.update(_call("POST", "/operations/tokens", url, config, body)["counts"])
    typer.echo(json.dumps(counts, indent=2))
    if counts.keys() - {"replaced"}:
        raise typer.Exit(1)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return loop.run(work)
    except CannotBegin as error:
        _fail(str(error), CANNOT_BEGIN)
    except StoreTrouble as trouble:
        _fail(f"{trouble}; run it again: what is there is not written twice")
    except KeyboardInterrupt:
        _fail("interrupted", INTERRUPTED)


def _json(file: Path) -> Any:
    try:
        return read_json(file.read_bytes())
    except (OSError, ValueError) as error:
        _fail(f"{file}: {error}", CANNOT_BEGIN)


def _person() -> str:
    """Who is at this terminal."""
    try:
        return _utf8(getpass.getuser())
    except (OSError, KeyError):  # a container's user has no name
        return f"uid {os.getuid()}"


def _path(id: str) -> str:
    return f"{_REGISTRATIONS}/{quote(id, safe='')}"


def _settings(config: Path | None) -> Settings:
    try:
        return Settings.from_file(config) if config else Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        _fail(f"setting {name}: {first['msg'].removeprefix('Value error, ')}", CANNOT_BEGIN)
    except (OSError, ValueError) as error:
        _fail(str(error), CANNOT_BEGIN)


def _call(method: str, path: str, url: str | None, config: Path | None, body: Any = None) -> Any:
    """Ask the running bridge; it alone writes to its store."""
    settings = _settings(config)
    if settings.operations_token is None:
        _fail("set BRIDGE_OPERATIONS_TOKEN to the value that the bridge was started with", CANNOT_BEGIN)
    base = (url or listening_address(settings.host, settings.port)).rstrip("/")
    headers = {"Authorization": f"Bearer {settings.operations_token.get_secret_value()}"}
    content = None if body is None else json.dumps(body).encode()
    if content is not None:
        headers["Content-Type"] = "application/json"

    async def ask() -> Reply:
        async with HttpClient("the bridge", World.system(), 30, repeats=False) as client:
            return await client.reply(method, base + path, headers=headers, body=content)

    reply = _run(ask())
    if reply.status is None:
        _fail(f"no answer from the bridge at {base}; start it, or give its address by --url: {reply.why}")
    try:
        answer = reply.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        _fail(f"what answers at {base} is not the bridge (HTTP {reply.status})")
    if reply.status != 200:
        _fail(f"{answer.get('error', f'HTTP {reply.status}')}: {answer.get('detail', '')}")
    return answer


def _fail(message: str, status: int = 1) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(status)


def main() -> None:
    """What `bridge` does when it is loaded."""
    app()
