"""One exit status for one reason, whichever of our commands it is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import forked
from wire.entry import STATUSES

COMMANDS = {
    "bridge": ("bridge",),
    "mock_nid": ("mock_nid",),
    "mock_opencrvs": ("mock_opencrvs",),
    "rehearse": ("scenarios.cli", "up"),
}
PORTS = {
    "bridge": "PORT",
    "mock_nid": "MOCK_NID_PORT",
    "mock_opencrvs": "MOCK_OPENCRVS_GATEWAY_PORT",
    "rehearse": "CONSOLE_PORT",
}
every_command = pytest.mark.parametrize("name", COMMANDS)


def ended(name: str, folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command, which ends by itself, in a folder and an environment of its own."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "300", "BRIDGE_TRIGGER_PORT": "0", **variables}
    module, *words = COMMANDS[name]
    command = [*forked(module), *words, *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


@every_command
def test_a_port_that_is_taken_is_2(name: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = ended(name, tmp_path, **{PORTS[name]: port})
    assert (done.returncode, port in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr


@every_command
def test_a_port_that_is_none_is_2(name: str, tmp_path: Path) -> None:
    done = ended(name, tmp_path, **{PORTS[name]: "eighty"})
    assert (done.returncode, "port" in done.stderr.lower()) == (2, True), done.stderr
    assert "Traceback" not in done.stderr


@every_command
def test_an_option_that_does_not_exist_is_2(name: str, tmp_path: Path) -> None:
    done = ended(name, tmp_path, "--no-such-option")
    assert (done.returncode, "--no-such-option" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("name", ["bridge", "mock_nid", "mock_opencrvs"])
@pytest.mark.parametrize("content", [None, "= no TOML", 'no_such_setting = "x"'])
def test_a_file_of_settings_that_cannot_be_used_is_2(name: str, content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = ended(name, tmp_path, "--config", str(file))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


def test_what_was_begun_and_refused_is_1(tmp_path: Path) -> None:
    done = ended("bridge", tmp_path, "pending", "--url", "http://127.0.0.1:1", BRIDGE_OPERATIONS_TOKEN="x")
    assert (done.returncode, "no answer" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("bridge", ("--help",)),
        ("mock_nid", ("--help",)),
        ("mock_opencrvs", ("--help",)),
        ("scenarios.cli", ("--help",)),
    ],
)
def test_the_help_says_what_a_status_means(module: str, options: tuple[str, ...]) -> None:
    command = [*forked(module), *options]
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "300"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "".join(STATUSES.split()) in "".join(said.split())


def test_an_address_that_is_none_is_2(tmp_path: Path) -> None:
    for to in ("nope", "http://[::1", "http://127.0.0.1:99999"):
        done = ended("bridge", tmp_path, "pending", "--url", to, BRIDGE_OPERATIONS_TOKEN="of-the-operators")
        assert (done.returncode, done.stderr.startswith("--url: ")) == (2, True), done.stderr


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_BSP_MAX_QUEUE_SIZE"])
def test_what_opentelemetry_reads_by_itself_and_cannot_use_is_2(name: str, tmp_path: Path) -> None:
    collector = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", name: "-1"}
    done = ended("bridge", tmp_path, PORT="0", **collector)
    assert (done.returncode, "setting OTEL_…: " in done.stderr) == (2, True), done.stderr
    assert "uncaught" not in done.stderr


INTERRUPTED_WHILE_LOADED = """
import runpy, sys
class CtrlC:
    def find_spec(name, path=None, target=None):
        if name in ("pydantic", "typer"):
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC)
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""


@every_command
def test_ctrl_c_while_it_is_loaded_is_130_without_a_word(name: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED_WHILE_LOADED, COMMANDS[name][0]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("words", [("bridge", "settings"), ("scenarios.cli", "list", "--json")])
def test_no_room_for_what_is_said_is_1_in_a_line(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=240
        )
    assert done.returncode == 1
    assert done.stderr == (
        "No space left on device: what was written is not whole; make room, or write elsewhere\n"
    )
