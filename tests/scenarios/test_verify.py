"""The command `rehearse verify`: what it takes, how it ends, and what it writes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from scenarios.cli.app import app
from scenarios.foreign.hooks import silences
from scenarios.reports.result import Standing, read_result
from tests.forked import forked
from tests.kit import ROOT
from tests.scenarios.test_registry_checks import CHECKS, INTEGRATION, faulty_gateway, mock_process
from wire.world import World

RUNNER = CliRunner()
KINDS = ("html", "junit", "ndjson", "markdown")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one part"),
        (["--bridge", "http://127.0.0.1:1", "--nid", "http://127.0.0.1:1"], "name one part"),
        (["--nid", "http://127.0.0.1:1", "--profile", "all"], "one profile at a time"),
        (["--nid", "http://127.0.0.1:1", "--known-person", "Jane"], "NUMBER,NAME,YYYY-MM-DD"),
        (["--bridge", "http://127.0.0.1:1", "--kill", "true"], "needs --start"),
        (["--opencrvs", "nowhere"], "'--opencrvs': an address begins with http"),
        (["--bridge", "ftp://127.0.0.1:1"], "'--bridge': an address begins with http"),
        (["--bridge", "http://127.0.0.1:99999"], "'--bridge': this is no address: Port out of range"),
        (["--bridge", "http://[::1"], "'--bridge': this is no address: Invalid IPv6"),
        (["--bridge", "http://me:secret@127.0.0.1:1"], "'--bridge': an address is written into logs"),
        (["--bridge", "http://127.0.0.1:1/a b"], "'--bridge': an address cannot hold ' '"),
        (
            ["--bridge", "http://127.0.0.1:1", "--mediator", "http://"],
            "'--mediator': the address names no host",
        ),
        (["--nid", "127.0.0.1:1"], "'--nid': an address begins with http"),
        (["--nid", "http://127.0.0.1:1", "--callback", "/websub"], "'--callback'"),
        (["--opencrvs", "http://127.0.0.1:1", "--auth", "x"], "'--auth'"),
        (["--opencrvs", "http://127.0.0.1:1", "--public-key", "x"], "'--public-key'"),
        (["--opencrvs", "http://127.0.0.1:1", "async_delay"], "no scenario is called"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(words: list[str], said: str) -> None:
    ended = RUNNER.invoke(app, ["verify", *words], env={"COLUMNS": "200", "TERM": "dumb"})
    assert ended.exit_code == 2
    assert said in ended.output


def rehearse(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200"}
    command = [*forked("scenarios.cli"), "verify", *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


async def test_every_report_tells_of_a_foreign_opencrvs(rehearsal_keys: Path, tmp_path: Path) -> None:
    with mock_process("2.0", rehearsal_keys) as foreign:
        where = ("--opencrvs", foreign.gateway_url, "--auth", foreign.auth_url)
        who = ("--client-id", INTEGRATION[0], "--client-secret", INTEGRATION[1])
        files = [
            f"--{kind}={tmp_path / f'report.{kind}'}" for kind in ("html", "junit", "ndjson", "markdown")
        ]
        world = World.system()
        result = (f"--result={tmp_path / 'result.json'}", "--keys", str(rehearsal_keys))
        ended = await world.offload(lambda: rehearse(*where, *who, *files, *result))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "7 passed" in ended.stdout
    assert "2 not played" in ended.stdout
    assert "it may not be changed (--allow-changes)" in " ".join(ended.stdout.split())
    promise = "A token opens what its scopes name, and nothing else."
    assert promise in (tmp_path / "report.html").read_text()
    assert "What a good OpenCRVS does" in (tmp_path / "report.html").read_text()
    assert promise in (tmp_path / "report.markdown").read_text()
    suite = ElementTree.parse(tmp_path / "report.junit").getroot()
    assert (suite.get("tests"), suite.get("skipped")) == ("9", "2")
    lines = [json.loads(line) for line in (tmp_path / "report.ndjson").read_text().splitlines()]
    assert [p["short"] for p in lines[0]["promises"]][2] == "scopes"
    written = [(tmp_path / f"report.{kind}").read_text() for kind in KINDS]
    found, _ = read_result(tmp_path / "result.json")
    assert found.judged.addresses == [foreign.gateway_url, foreign.auth_url]
    assert found.judged.product == foreign.gateway_url
    standings = {one.id: one.standing for one in found.requirements}
    assert standings["OCRVS-TOK-08"] is Standing.MET
    assert standings["OCRVS-STA-02"] is Standing.NOT_OBSERVED
    written.append(found.model_copy(update={"signature": ""}).model_dump_json())
    whole = "".join(written) + ended.stdout
    assert INTEGRATION[1] not in whole
    assert "eyJ" not in whole


async def test_a_broken_promise_ends_with_status_1_and_says_what_it_means(rehearsal_keys: Path) -> None:
    with mock_process("2.0", rehearsal_keys) as foreign:
        async with faulty_gateway(foreign, "confirms anything") as behind:
            where = ("--opencrvs", behind.gateway_url, "--auth", foreign.auth_url)
            who = ("--client-id", INTEGRATION[0], "--client-secret", INTEGRATION[1])
            process_ended = World.system().offload(lambda: rehearse(*where, *who, "crvs_unknown_record"))
            ended = await process_ended
    shown = " ".join(ended.stdout.split())
    assert ended.returncode == 1, shown
    assert "promise 4 broken" in shown
    assert "accept of an unknown record: expected a refusal" in shown
    assert "what it means: The bridge would take a confirmation for done that reached no record" in shown
    assert "Play again: rehearse verify --opencrvs" in shown


def test_the_page_tells_every_check() -> None:
    text = (ROOT / "docs" / "how-to" / "your-opencrvs.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(crvs_\w+)`", text, re.M)) == {check.name for check in CHECKS}


async def test_who_takes_the_connection_and_says_nothing_does_not_answer() -> None:
    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hangs, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await asyncio.wait_for(silences([url], World.system(), 0.2), 30) == [url]
