"""`rehearse verify --bridge` as it is typed, on bridges that have only what any country's bridge has."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from typing import Any

import pytest

from scenarios.library import stories
from scenarios.stage.credentials import OPERATIONS_TOKEN
from scenarios.stage.ports import Ports
from tests.forked import forked
from tests.scenarios.processes import ROOT
from tests.scenarios.test_verifying import environment, free_ports
from tests.sizes import size

SIMPLE = Path(__file__).with_name("simple_server.py")


@contextmanager
def started(*words: str, **variables: str) -> Iterator[None]:
    """A bridge that listens: it says so in its first line."""
    own = {**os.environ, **variables, "PYTHONUNBUFFERED": "1"}
    process = Popen(words, cwd=ROOT, env=own, stdout=PIPE, stderr=DEVNULL)
    assert process.stdout is not None
    try:
        with process.stdout as said:
            assert said.readline()
            yield
    finally:
        process.terminate()
        process.wait(timeout=240)


@contextmanager
def simple_server(ports: Ports, *more: str) -> Iterator[None]:
    """It tries to subscribe until the hub is there."""
    nid = f"http://127.0.0.1:{ports.nid}"
    login = f"{nid}/v1/authmanager/authenticate/clientidsecretkey"
    with started(sys.executable, str(SIMPLE), str(ports.trigger), f"{nid}/websub/hub", login, *more):
        yield


@contextmanager
def standard_bridge(ports: Ports, keys: Path, folder: Path, **more: str) -> Iterator[None]:
    """Our bridge with the addresses of these ports, and nothing else that is not its standard."""
    own = {name: value for name, value in environment(ports, keys, folder).items() if "RETRY" not in name}
    del own["BRIDGE_OPERATIONS_TOKEN"]
    with started(*forked("bridge"), **own, **more):
        yield


def verified(ports: Ports, keys: Path, *words: str) -> tuple[int, str, list[dict[str, Any]]]:
    """Status, what was printed, and the ends of the stories. The ports are told as a person tells them."""
    variables = {
        "MOCK_OPENCRVS_GATEWAY_PORT": str(ports.gateway),
        "MOCK_OPENCRVS_AUTH_PORT": str(ports.auth),
        "MOCK_NID_PORT": str(ports.nid),
        "MOCK_NID_ESIGNET_PORT": str(ports.esignet),
        "REHEARSAL_KEYS": str(keys),
    }
    report = keys.parent / f"events-{ports.trigger}.ndjson"
    where = ("--bridge", f"http://127.0.0.1:{ports.trigger}", "--ndjson", str(report))
    done = run(
        [*forked("scenarios.cli"), "verify", *where, *words],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=240,
    )
    lines = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    return done.returncode, done.stdout + done.stderr, [e for e in lines if e["event"] == "ScenarioEnded"]


def test_a_server_of_ten_lines_gets_verdicts_and_no_error(rehearsal_keys: Path) -> None:
    ports, names = free_ports(), [one.name for one in stories()][:: size(4, 1)]
    with simple_server(ports):
        status, told, ended = verified(ports, rehearsal_keys, "--patience", "1", *names)
    assert [one["story"] for one in ended] == names, told
    assert [one for one in ended if one["outcome"] == "error"] == []
    judged = [one for one in ended if one["outcome"] != "not played"]
    assert len(judged) > size(5, 20)
    assert all(len(one["verdicts"]) == 5 for one in judged), told
    assert any(one["outcome"] == "passed" for one in judged)
    assert status == 1


def test_a_server_that_takes_triggers_and_never_answers_is_judged(rehearsal_keys: Path) -> None:
    ports = free_ports()
    result = rehearsal_keys.parent / f"result-{ports.trigger}.json"
    words = ("--patience", "3", "--result", str(result), "death", "async_delay")
    with simple_server(ports, "death/DECLARE", "birth/REGISTER"):
        status, told, ended = verified(ports, rehearsal_keys, *words)
    assert [one["outcome"] for one in ended] == ["failed", "failed"], told
    assert "could not declare: no answer within 3 seconds" in told
    judged = json.loads(result.read_text(encoding="utf-8"))["requirements"]
    broken = {one["id"]: one["evidence"] for one in judged if one["standing"] == "broken"}
    assert [one["story"] for one in broken["OCRVS-TRG-19"]] == ["death", "async_delay"]
    assert status == 1


def test_what_the_countrys_server_answered_is_told_where_opencrvs_only_complains(
    rehearsal_keys: Path,
) -> None:
    ports = free_ports()
    odd = ("birth/DECLARE=404", "death/DECLARE=400")
    with simple_server(ports, *odd):
        _, told, ended = verified(ports, rehearsal_keys, "--patience", "3", "async_delay", "death")
    assert [one["outcome"] for one in ended] == ["failed", "failed"], told
    at = f"POST http://127.0.0.1:{ports.trigger}/trigger/events"
    assert f"{at}/birth/actions/DECLARE was answered 404 '<html>not here</html>'" in told
    assert "declare: it answered 400, so that the record stays without its form" in told


def test_our_own_bridge_with_its_standard_settings_passes(rehearsal_keys: Path, tmp_path: Path) -> None:
    ports = free_ports()
    mediator = f"http://127.0.0.1:{ports.mediator}"
    names = ("async_rejection", "death", "correction", "forged_callbacks")
    with standard_bridge(ports, rehearsal_keys, tmp_path):
        status, told, ended = verified(ports, rehearsal_keys, "--mediator", mediator, *names)
    assert {one["story"]: one["outcome"] for one in ended} == dict.fromkeys(names, "passed"), told
    assert status == 0


@pytest.mark.parametrize(
    ("token", "own"), [("another one", {"BRIDGE_OPERATIONS_TOKEN": OPERATIONS_TOKEN}), (OPERATIONS_TOKEN, {})]
)
def test_a_token_that_opens_no_list_is_said_before_anything_is_played(
    token: str, own: dict[str, str], rehearsal_keys: Path, tmp_path: Path
) -> None:
    ports = free_ports()
    mediator = f"http://127.0.0.1:{ports.mediator}"
    with standard_bridge(ports, rehearsal_keys, tmp_path, **own):
        words = ("--mediator", mediator, "--operations-token", token, "death")
        status, told, ended = verified(ports, rehearsal_keys, *words)
    assert status == 2
    assert "--operations-token" in told
    assert ended == []
