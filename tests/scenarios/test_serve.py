"""`rehearse serve` and its pages, in other languages than Python: Node, and a shell with curl."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from scenarios.control.handlers import Control
from tests.docs.pages import DOCS, ROOT, blocks
from tests.forked import forked, shim
from tests.programs import CURL, need
from wire.openapi import FOLDER

NODE_PAGE, PAGE = DOCS / "how-to" / "node.md", DOCS / "how-to" / "control-api.md"
HELPER = DOCS / "how-to" / "node" / "rehearsal.mjs"
NOWHERE = {"seam": "nowhere", "kind": "status"}
PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=open("out", "w"))
print(child.pid, flush=True)
child.wait()
"""
SERVE = ("serve", "--json")


@pytest.fixture
def where(tmp_path: Path, rehearsal_keys: Path) -> dict[str, str]:
    """An environment in which `rehearse` is on the path."""
    called = tmp_path / "bin" / "rehearse"
    called.parent.mkdir()
    shim(called, "scenarios.cli")
    return {
        "PATH": f"{called.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "REHEARSAL_KEYS": str(rehearsal_keys),
    }


@pytest.fixture
def serving(where: dict[str, str], tmp_path: Path) -> Iterator[dict[str, Any]]:
    with subprocess.Popen(
        [*forked("scenarios.cli"), *SERVE], env=where, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
    assert process.returncode == 0


def call(serving: dict[str, Any], method: str, path: str, body: Any = None) -> Any:
    return requests.request(method, serving["control"] + path, json=body, timeout=60)


def facts(serving: dict[str, Any]) -> Any:
    return call(serving, "GET", "/facts").json()["facts"]


def test_the_contract_names_the_routes_that_there_are() -> None:
    contract = yaml.safe_load((FOLDER / "control.yaml").read_text(encoding="utf-8"))
    named = {(method.upper(), path) for path, row in contract["paths"].items() for method in row}
    named -= {("PARAMETERS", path) for path in contract["paths"]}
    there = {(route.method, route.path) for route in Control.routes(Control.__new__(Control))}  # type: ignore[arg-type]
    assert named == there | {("GET", "/openapi.yaml"), ("GET", "/docs")}


def test_what_a_test_needs_by_http(serving: dict[str, Any]) -> None:
    assert call(serving, "POST", "/plans", {"plan": "issue@3600"}).json()["queue"] == [
        {"outcome": "issue", "after": 3600.0}
    ]
    birth = call(serving, "POST", "/records", {"values": {"child.dob": None}})
    assert birth.status_code == 409 and "could not declare" in birth.json()["detail"]
    birth = call(serving, "POST", "/records", {}).json()
    record = f"/records/{birth['id']}"
    registered = call(serving, "POST", f"{record}/register").json()
    assert registered["answer"] == {"status": 200, "error": ""}
    assert call(serving, "POST", f"{record}/wait", {"until": "waiting"}).json()["number"] is None
    _until(lambda: "starts the processing" in call(serving, "GET", "/exchanges").text)  # its hour begins
    vain = call(serving, "POST", f"{record}/wait", {"until": "registered", "seconds": 0.3})
    assert vain.status_code == 409
    assert re.search(r"register:requested.*bridge → ID system: starts the processing", vain.json()["detail"])
    promises = call(serving, "GET", "/promises").json()
    assert [one["ruling"] for one in promises["promises"]] == ["broken", *["kept"] * 4]
    assert not promises["kept"] and promises["promises"][0]["findings"][0]["what"] == "never came to an end"
    before = call(serving, "GET", "/clock").json()["now"]
    assert call(serving, "POST", "/clock", {"advance_seconds": 3700}).json()["now"] > before
    done = call(serving, "POST", f"{record}/wait", {"until": "national_id", "seconds": 30}).json()
    assert done["status"] == "REGISTERED" and done["number"] and done["national_id"]
    assert call(serving, "POST", f"{record}/deliver-again").status_code == 202
    _until(lambda: {"issued", "processed"} <= {one["word"] for one in facts(serving)})
    assert done["national_id"] not in call(serving, "GET", "/exchanges?limit=500").text
    assert call(serving, "GET", "/promises").json()["kept"]


def test_bad_input_is_named(serving: dict[str, Any]) -> None:
    birth = call(serving, "POST", "/records", {}).json()["id"]
    for status, path, body, words in (
        (404, "/records/none/register", None, "GET /control/records lists them"),
        (400, "/records", {"evnt": "birth"}, "evnt"),
        (400, "/records", {"event": "marriage"}, "event"),
        (400, f"/records/{birth}/wait", {"until": "eternity"}, "until"),
        (400, f"/records/{birth}/wait", {"until": "waiting", "seconds": "1e999"}, "seconds"),
        (400, "/plans", {"plan": "hope"}, "no outcome is called"),
        (400, "/plans", {"plan": [[[]]]}, "a plan is"),
        (
            400,
            "/faults",
            {"system": "nid", "fault": {"seam": "nowhere", "kind": "status"}},
            "no seam is called",
        ),
        (400, "/clock", {"advance_seconds": -1}, "advance_seconds"),
        (409, f"/records/{birth}/deliver-again", None, "no packet of"),
    ):
        answer = call(serving, "POST", path, body)
        assert (answer.status_code, words in answer.text) == (status, True), (path, body, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")
    foreign = requests.get(serving["control"], headers={"Origin": "http://evil.example"}, timeout=60)
    assert foreign.status_code == 403


def test_it_ends_with_the_process_that_started_it(where: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, sys.executable, "-m", "scenarios.cli", *SERVE]
    with subprocess.Popen(command, env=where, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        _until(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text() != "")
        parent.send_signal(signal.SIGKILL)
    address = json.loads((tmp_path / "out").read_text())["control"]
    _until(lambda: not Path(f"/proc/{child}").exists() or not _answers(address))


def _until(holds: Any) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within a minute")


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=60).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def in_node(node: Path, where: dict[str, str], tmp_path: Path) -> Any:
    """Run a test file with the helper beside it, as the page says; what it printed, and its status."""

    def run(text: str) -> tuple[int, str]:
        shutil.copy(HELPER, tmp_path)
        (tmp_path / "country.test.mjs").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [str(node), "--test", "country.test.mjs"],
            cwd=tmp_path,
            env=where,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_node_page_as_it_stands(in_node: Any) -> None:
    assert len(HELPER.read_text(encoding="utf-8").splitlines()) < 100
    [text] = blocks(NODE_PAGE, "js")
    status, said = in_node(text)
    assert status == 0 and re.search("^(#|ℹ) pass 1$", said, re.M), said  # by TAP, or as newer Nodes say it


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("writeHead(200", "writeHead(500", r"could not declare: 500"),
        (
            "{ registrationNumber: '2026MINE0001' }",
            "{}",
            r"is not registered|Expected values",
        ),
    ],
    ids=["an error", "no number"],
)
def test_the_node_test_fails_on_a_broken_handler(in_node: Any, right: str, wrong: str, told: str) -> None:
    [text] = blocks(NODE_PAGE, "js")
    assert right in text
    status, said = in_node(text.replace(right, wrong))
    assert status == 1 and re.search(told, said), said


def test_the_curl_page_as_it_stands(where: dict[str, str], tmp_path: Path) -> None:
    need(CURL)
    script = blocks(PAGE, "sh")[1]
    done = subprocess.run(
        ["bash", "-euc", script], cwd=tmp_path, env=where, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "True" in done.stdout.splitlines()[-1], done.stdout + done.stderr
