"""The operators' commands against a running bridge, as a shell runs them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpServer
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from bridge.cli.app import app
from bridge.registration import State
from tests.forked import forked
from tests.servers.bridge.conftest import OPERATIONS, Stage
from tests.servers.bridge.test_work import said


@pytest.fixture(autouse=True)
def logged() -> Iterator[None]:
    """The bridge is in this process: its log lines must not come out as the command's output."""
    with capture_logs():
        yield


async def run(stage: Stage, *words: str, token: str | None = OPERATIONS, url: str | None = None) -> Result:
    """`bridge WORDS` with this credential; in a thread, as it asks the bridge of this very loop."""
    arguments = [*words, "--url", url or stage.running.mediator_url]
    environment = {"COLUMNS": "80", "BRIDGE_OPERATIONS_TOKEN": token}
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)
    await stage.world.clock.settle()
    return result


async def stuck(stage: Stage) -> dict[str, Any]:
    """An event whose packet the ID system does not take."""
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-KPM-002")]
    return await stage.submitted()


def shown(result: Result) -> Any:
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def refused(result: Result, status: int = 1) -> str:
    """What a command that failed says: one line on standard error, no traceback."""
    assert (result.exit_code, result.stdout) == (status, "") and isinstance(result.exception, SystemExit)
    [line] = result.stderr.splitlines()
    return line


async def test_pending_lists_what_waits_and_why(stage: Stage) -> None:
    assert (await run(stage, "pending")).stdout.startswith("nothing waits\n")
    waiting, stopped = await stage.submitted(), await stuck(stage)
    listed = await run(stage, "pending")
    assert listed.exit_code == 0
    assert shown(await run(stage, "show", stopped["id"]))["advice"] in listed.stdout
    for event in (waiting, stopped):
        assert event["id"] in listed.stdout and (await stage.of(event)).id in listed.stdout
    assert "nid-refused-packet" in listed.stdout
    assert "SUBMITTED: 1" in listed.stdout and "STUCK: 1" in listed.stdout


@pytest.mark.parametrize(("charset", "cell"), [("utf-8", "[/red] বাংলা"), ("ascii", r"[/red] \u09ac\u09be")])
async def test_what_others_wrote_is_shown_and_not_obeyed(stage: Stage, charset: str, cell: str) -> None:
    message = "\x1b[2J\x9b7m[/red] বাংলা"
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-KPM-002", message=message)]
    event = await stage.submitted()
    environment = {"BRIDGE_OPERATIONS_TOKEN": OPERATIONS}
    words = ["pending", "--url", stage.running.mediator_url]
    listed = await asyncio.to_thread(CliRunner(charset=charset).invoke, app, words, env=environment)
    assert listed.exit_code == 0, listed.exception
    assert event["id"] in listed.stdout and rf"\x1b[2J\x9b7m{cell}" in listed.stdout


async def test_pending_takes_a_state_and_a_limit(stage: Stage) -> None:
    await stage.submitted()
    stopped = await stuck(stage)
    told = shown(await run(stage, "pending", "--state", "stuck", "--json"))
    assert [row["event_id"] for row in told["registrations"]] == [stopped["id"]]
    assert told["counts"] == {"SUBMITTED": 1, "STUCK": 1}
    told = shown(await run(stage, "pending", "--limit", "1", "--json"))
    assert len(told["registrations"]) == 1
    assert "state is one of RECEIVED" in refused(await run(stage, "pending", "--state", "LOST&limit=5"))


async def test_show_tells_the_history_by_any_id(stage: Stage) -> None:
    registration = await stage.of(await stuck(stage))
    for id in (registration.id, registration.event_id, registration.action_id, registration.packet_id):
        told = shown(await run(stage, "show", id))
        assert told["id"] == registration.id and told["advice"]
        assert [line["state"] for line in told["history"]] == ["QUEUED", "STUCK"]


async def test_retry_lets_it_go_on(stage: Stage) -> None:
    event = await stuck(stage)
    assert shown(await run(stage, "retry", event["id"]))["state"] == "QUEUED"
    assert (await stage.of(event)).state is State.SUBMITTED
    assert "only stuck and held registrations are retried" in refused(await run(stage, "retry", event["id"]))
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_reject_tells_opencrvs_the_words(stage: Stage) -> None:
    event, words = await stuck(stage), "Registered under another name."
    assert shown(await run(stage, "reject", event["id"], "--reason", words))["state"] == "REFUSED"
    assert (await stage.of(event)).state is State.REJECTED
    [declaration] = [a for a in stage.opencrvs.events[event["id"]]["actions"] if a["type"] == "REJECT"]
    assert declaration["content"] == {"reason": words}
    assert refused(await run(stage, "reject", event["id"], "--reason", words)) == (
        "Not possible now: it is REJECTED; only what waits or is stuck is rejected"
    )


async def test_reject_wants_a_reason(stage: Stage) -> None:
    event = await stuck(stage)
    missing = await run(stage, "reject", event["id"])
    assert missing.exit_code == 2 and "--reason" in missing.stderr
    assert "reason" in refused(await run(stage, "reject", event["id"], "--reason", " "))
    assert (await stage.of(event)).state is State.STUCK


COMMANDS = [("pending",), ("show", "an-id"), ("retry", "an-id"), ("reject", "an-id", "--reason", "no")]


@pytest.mark.parametrize("words", COMMANDS)
async def test_another_credential_is_refused(stage: Stage, words: tuple[str, ...]) -> None:
    line = refused(await run(stage, *words, token="another-credential"))
    assert line.startswith("Unauthorized") and "another-credential" not in line


@pytest.mark.parametrize("words", COMMANDS)
async def test_no_credential_is_told_before_anything_is_asked(stage: Stage, words: tuple[str, ...]) -> None:
    assert "set BRIDGE_OPERATIONS_TOKEN" in refused(await run(stage, *words, token=None), 2)


@pytest.mark.parametrize("stage", [{"operations_token": None}], indirect=True)
async def test_operations_that_are_off_say_what_switches_them_on(stage: Stage) -> None:
    assert "BRIDGE_OPERATIONS_TOKEN switches them on" in refused(await run(stage, "pending"))


@pytest.mark.parametrize("words", COMMANDS[1:])
@pytest.mark.parametrize("id", ["an-id", "../../health", "a/b?c#d", "ชญา"])
async def test_an_unknown_id_is_told(stage: Stage, words: tuple[str, ...], id: str) -> None:
    line = refused(await run(stage, words[0], id, *words[2:]))
    assert "no registration has this id" in line


async def test_a_bridge_that_is_not_there(stage: Stage) -> None:
    url = stage.running.mediator_url
    await stage.restart(kill=False, port=0)
    assert url in refused(await run(stage, "pending", url=url))


async def test_something_else_that_answers(stage: Stage, aiohttp_server: AiohttpServer) -> None:
    async def greet(_request: web.Request) -> web.Response:
        return web.json_response(["welcome"])

    other = web.Application()
    other.router.add_route("*", "/{path:.*}", greet)
    server = await aiohttp_server(other)
    assert "is not the bridge" in refused(await run(stage, "pending", url=str(server.make_url(""))))


async def test_a_page_in_the_place_of_the_bridge_cannot_steer_the_terminal(
    stage: Stage, aiohttp_server: AiohttpServer
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"error": "No \x1b[2J", "detail": "\x9b2J\r"}, status=409)

    other = web.Application()
    other.router.add_route("*", "/{path:.*}", answer)
    server = await aiohttp_server(other)
    line = refused(await run(stage, "retry", "some", url=str(server.make_url("/"))))
    assert line == r"No \x1b[2J: \x9b2J\r"


async def test_the_program_reads_its_settings_from_a_file(stage: Stage, tmp_path: Path) -> None:
    """`python -m bridge` itself, with the port and the credential of a TOML file."""
    event = await stuck(stage)
    port = stage.running.mediator_url.rpartition(":")[2]
    config = tmp_path / "bridge.toml"
    config.write_text(f'port = {port}\nbridge_operations_token = "{OPERATIONS}"\n')
    process = await asyncio.create_subprocess_exec(
        *(*forked("bridge"), "show", event["id"], "--config", str(config)),
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert json.loads(output)["event_id"] == event["id"]
