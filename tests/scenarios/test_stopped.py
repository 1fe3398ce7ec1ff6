"""`rehearse` refused, stopped, or unable to write: a line with the remedy, nothing lost of what was done."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from scenarios.cli.app import app
from scenarios.library import stories
from scenarios.side_by_side import _Run
from tests.forked import forked
from tests.scenarios.processes import ROOT
from tests.scenarios.test_terminal import THREE, environment, keys, piped, shown

__all__ = ["keys"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_writes_the_reports_of_what_was_played_and_says_so(
    jobs: str, keys: tuple[str, str], tmp_path: Path
) -> None:
    report = tmp_path / "report.xml"
    words = ("run", "--quiet", "-j", jobs, "--junit", str(report), *keys)
    status, text = shown(*words, interrupt=b"async_rejection")
    assert status == 130
    assert "Interrupted: the rest of the" in re.sub(r"\x1b\[[\d;]*m", "", text)
    assert f"Report: {report}" in text
    played = [case.get("name") for case in ElementTree.parse(report).getroot().iter("testcase")]
    assert 0 < len(played) < len(stories())
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--ful"), "--full"),
        (("rum",), "run"),
        (("run", "--html", "{folder}/same", "--markdown", "{folder}/x/../same"), "--html"),
        (("run", "death", "--tag", "sync"), "'sync'"),
        (("run", "asinc_delay"), "async_delay"),
        (("run", "--html", "{file}/x/report.html"), "--html"),
        (("run", "--ndjson", "{folder}"), "--ndjson"),
        (("run", "--keys", "{file}/keys", "death"), "REHEARSAL_KEYS"),
        (("verify", "--bridge", "http://127.0.0.1:1", "--junit", "{file}/r.xml"), "--junit"),
        (("up", "--keys", "{file}/keys"), "REHEARSAL_KEYS"),
        (("up", "--data", "{file}/data"), "--data"),
        (("up", "--log-level", "loud"), "--log-level"),
        (("verify", "--bridge", "http://127.0.0.1:1", "--bridge-log", "{folder}"), "--bridge-log"),
        (("doctor", "/dev/zero"), "no file of variables"),
        (("doctor", "{folder}"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_one_line_with_the_remedy(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = piped(*(word.format(file=file, folder=tmp_path) for word in words))
    (line,) = done.stderr.decode().splitlines()
    assert said in line
    assert done.returncode == 2
    assert done.stdout == b""
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["file"]


def test_without_a_command_all_are_shown() -> None:
    done = piped()
    assert (done.returncode, b"verify" in done.stdout) == (2, True)
    assert done.stderr.count(b"\n") == 1 and b": name a command; " in done.stderr


@pytest.mark.parametrize("words", [("-j", "2", "sync_rejection", "death", "eligibility"), ()])
def test_a_report_that_cannot_be_written_takes_none_of_the_others_with_it(
    words: tuple[str, ...], keys: tuple[str, str], tmp_path: Path
) -> None:
    whole = [tmp_path / name for name in ("r.xml", "r.md", "r.ndjson")]
    written = ("--junit", str(whole[0]), "--markdown", str(whole[1]), "--ndjson", str(whole[2]))
    done = piped("run", "sync_success", *words, "--html", "/dev/full", *written, *keys)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    assert "No report /dev/full: No space left on device; make room, or name another place." in said
    for file in whole:
        assert file.stat().st_size and f"Report: {file}" in said


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_sigterm_is_what_ctrl_c_is(jobs: str, keys: tuple[str, str], tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    run = subprocess.Popen(
        [*forked("scenarios.cli"), "run", "--quiet", "-j", jobs, "--junit", str(report), *keys],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert any("answered_after_all" in line for line in run.stdout)  # False where it ends before
    run.terminate()
    said, wrong = run.communicate(timeout=240)
    assert (run.returncode, wrong) == (130, "")
    assert "Interrupted: the rest of the" in said
    assert ElementTree.parse(report).getroot().iter("testcase")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MOCK_NID_LOCALE", "xx"),
        ("MOCK_OPENCRVS_LOCALE", "xx"),
        ("BRIDGE_MODE", "sometimes"),
        ("MOCK_NID_KEYS_FILE", "/no/such/file"),
        ("MOCK_NID_PARTNER_CERTIFICATE", __file__),
    ],
)
def test_a_setting_that_up_cannot_use_is_one_line_with_its_name(
    variable: str, value: str, keys: tuple[str, str]
) -> None:
    ports = ("--gateway-port", "0", "--auth-port", "0", "--nid-port", "0", "--esignet-port", "0")
    more = ("--trigger-port", "0", "--mediator-port", "0", "--console-port", "0")
    done = piped("up", *ports, *more, *keys, **{variable: value})
    (line,) = done.stderr.decode().splitlines()
    assert (done.returncode, line.startswith("rehearse: setting ")) == (2, True), line
    assert variable in line


def test_ctrl_c_pressed_twice_takes_no_report_with_it(
    keys: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one comes while the players are sent away."""
    dismiss = _Run.dismiss

    def pressed_again(run: _Run) -> None:
        signal.raise_signal(signal.SIGINT)
        dismiss(run)

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_Run, "dismiss", pressed_again)
    monkeypatch.setattr(_Run, "play", pressed)
    report = tmp_path / "report.xml"
    done = CliRunner().invoke(app, ["run", *THREE, "-j", "2", "--junit", str(report), *keys])
    assert done.exit_code == 130, done.output
    assert ElementTree.parse(report).getroot().tag == "testsuites"


def test_a_taken_port_is_one_line_with_the_remedy(keys: tuple[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for words in (
            ("up", "--gateway-port", port),
            ("verify", "--bridge", "http://127.0.0.1:1", "--gateway-port", port),
        ):
            done = piped(*words, *keys)
            (line,) = done.stderr.decode().splitlines()
            assert port in line
            assert "free" in line
            assert done.returncode == 2


def test_a_run_ends_in_a_process_that_handles_sigterm_itself(keys: tuple[str, str]) -> None:
    """As in somebody's test runner: forks have the handler, too."""
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: None); "
        "from scenarios.cli.app import main; sys.argv[0] = 'rehearse'; main()"
    )
    words = ("run", "--quiet", "-j", "2", "sync_success", "sync_rejection", *keys)
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr


def test_nobody_is_left_behind_when_the_run_is_killed(keys: tuple[str, str]) -> None:
    run = subprocess.Popen(
        [*forked("scenarios.cli"), "run", "--tag", "security", "-j", "2", *keys],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert run.stdout is not None
    run.stdout.readline()
    run.stdout.readline()
    os.kill(run.pid, signal.SIGKILL)
    run.wait(timeout=240)
    assert run.stdout.read() is not None  # it ends when the last process that could write to it has ended
    run.stdout.close()
