"""Commands that ask the running bridge: it alone writes to its store."""

import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import typer

from bridge.cli.common import Config, Why, fail, printable, reason, run, settings_of, tell
from wire.addresses import base_address, listening_address
from wire.entry import CANNOT_BEGIN

if TYPE_CHECKING:
    from wire.http.client import Reply

_REGISTRATIONS = "/operations/registrations"
_TOKENS_AT_ONCE = 200
Url = Annotated[
    str | None, typer.Option(help="The running bridge's mediator port; default: from the settings.")
]


def pending(
    state: Annotated[str | None, typer.Option(help="Only this state, e.g. STUCK.")] = None,
    limit: int = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    url: Url = None,
    config: Config = None,
) -> None:
    """What is not settled, oldest first, and why it waits."""
    query = {"limit": limit} | ({"state": state.upper()} if state else {})
    answer = _call("GET", f"{_REGISTRATIONS}?{urlencode(query)}", url, config)
    if as_json:
        tell(answer)
        return
    screen = typer.get_text_stream("stdout", sys.stdout.encoding, "backslashreplace")
    for row in answer["registrations"]:
        typer.echo(_about(row), file=screen)
    if not answer["registrations"]:
        typer.echo("nothing waits" if state is None else f"nothing to list as {state}")
    for name, count in answer["counts"].items():
        typer.echo(f"{name}: {count}")
    typer.echo(f"oldest: {_span(answer['oldest'])}; tokens that run out: {answer['tokens_expiring']}")
    for each in answer["certificates"]:
        typer.echo(f"{each['setting']}: {'ran out' if each['over'] else 'runs out'} {each['until']}")
    for each in answer["drain"]:
        takes = "unknown" if each["seconds"] is None else _span(each["seconds"])
        typer.echo(f"due at {each['destination']}: {each['waiting']}, time to drain {takes}")


def show(id: str, url: Url = None, config: Config = None) -> None:
    """One registration with its history; by registration, packet, event or action id."""
    tell(_call("GET", _path(id), url, config))


def retry(id: str, why: Why = None, url: Url = None, config: Config = None) -> None:
    """Let a stuck registration go on where it got stuck."""
    tell(_call("POST", f"{_path(id)}/retry", url, config, {"why": why}))


def reject(
    id: str,
    reason: Annotated[str, typer.Option(help="What the registrar reads.")],
    why: Why = None,
    url: Url = None,
    config: Config = None,
) -> None:
    """Reject a pending registration in OpenCRVS with a reason."""
    answer = _call("POST", f"{_path(id)}/reject", url, config, {"reason": reason, "why": why})
    tell(answer)


def erase(
    event: Annotated[str, typer.Argument(help="The event's id at OpenCRVS.")],
    why: Annotated[
        str, typer.Option(callback=reason, help="As the number of the request; name no person in it.")
    ],
    url: Url = None,
    config: Config = None,
) -> None:
    """Erase all that the bridge keeps about one event that is settled; prints a proof of what was erased."""
    proof = _call("POST", "/operations/erase", url, config, {"event": event, "why": why})
    tell(proof)
    if proof["left"]:
        raise typer.Exit(1)


def audit(
    after: Annotated[int, typer.Option(help="Only lines after the one of this number.")] = 0,
    url: Url = None,
    config: Config = None,
) -> None:
    """What operators did: who, when, what, why; one JSON object a line, oldest first."""
    while acts := _call("GET", f"/operations/audit?after={after}", url, config)["acts"]:
        for act in acts:
            typer.echo(json.dumps(act))
        after = acts[-1]["number"]


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
        fail(f"{source} cannot be read: {why_not}", CANNOT_BEGIN)
    if not given:
        fail(f"{source} holds no token; one a line is due", CANNOT_BEGIN)
    counts: Counter[str] = Counter()
    for at in range(0, len(given), _TOKENS_AT_ONCE):
        body = {"tokens": given[at : at + _TOKENS_AT_ONCE], "why": why}
        counts.update(_call("POST", "/operations/tokens", url, config, body)["counts"])
    tell(counts)
    if counts.keys() - {"replaced"}:
        raise typer.Exit(1)


def _about(row: dict[str, Any]) -> str:
    """A registration in lines, whole on a screen of any width: its id is copied into the next command."""
    held = f"held: {row['held']}" if row["held"] else ""
    about = (row["event_type"], row["tracking_id"])  # of one from the mediator's database it may be unknown
    lines = [
        "  ".join(filter(None, (row["id"], row["state"], row["reason"], held))),
        f"    {' '.join(filter(None, about))}, {row['action_type']}, event {row['event_id']}",
        f"    received {row['received_at']}, attempts {row['attempts']}",
    ]
    lines += [f"    {text}" for text in (row["last_error"], row["advice"]) if text]
    return "\n".join(map(printable, lines))


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _path(id: str) -> str:
    return f"{_REGISTRATIONS}/{quote(id, safe='')}"


def _call(method: str, path: str, url: str | None, config: Path | None, body: Any = None) -> Any:
    """Ask the running bridge; it alone writes to its store."""
    from wire.http.client import HttpClient
    from wire.world import World

    settings = settings_of(config)
    if settings.operations_token is None:
        fail("set BRIDGE_OPERATIONS_TOKEN to the value that the bridge was started with", CANNOT_BEGIN)
    try:
        base = base_address(url or listening_address(settings.host, settings.port))
    except ValueError as error:
        fail(f"--url: {error}", CANNOT_BEGIN)
    headers = {"Authorization": f"Bearer {settings.operations_token.get_secret_value()}"}
    content = None if body is None else json.dumps(body).encode()
    if content is not None:
        headers["Content-Type"] = "application/json"

    async def ask() -> "Reply":
        async with HttpClient("the bridge", World.system(), 30, repeats=False) as client:
            return await client.reply(method, base + path, headers=headers, body=content)

    reply = run(ask())
    if reply.status is None:
        fail(f"no answer from the bridge at {base}; start it, or give its address by --url: {reply.why}")
    try:
        answer = reply.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        fail(f"what answers at {base} is not the bridge (HTTP {reply.status})")
    if reply.status != 200:
        fail(f"{answer.get('error', f'HTTP {reply.status}')}: {answer.get('detail', '')}")
    return answer
