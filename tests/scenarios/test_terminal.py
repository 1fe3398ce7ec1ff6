"""`rehearse` as a person sees it: on a terminal, in a pipe, without colours, in an old encoding, stopped."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from scenarios.cli.app import app
from scenarios.judging.verdicts import PROMISES
from scenarios.library import stories
from scenarios.side_by_side import _Run
from tests.forked import forked
from tests.scenarios.processes import ROOT
from tests.sizes import examples

FEW = ("clock_off_while_asked", "death_without_id", "eligibility", "sync_rejection", "sync_success")
"""The stories with the tag `sync`, which are the shortest."""


THREE = FEW[:3]


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {**kept, "TERM": "xterm", "COLUMNS": "80", **variables}


def piped(*words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    own = environment(**variables)
    command = [*forked("scenarios.cli"), *words]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, timeout=240)


def shown(*words: str, columns: int = 80, interrupt: bytes = b"", **variables: str) -> tuple[int, str]:
    """Status and text on a terminal; Ctrl-C is pressed when it shows `interrupt`."""
    command = [*forked("scenarios.cli"), *words]
    child, terminal = pty.fork()
    if child == 0:
        own = environment(**variables)
        del own["COLUMNS"]
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run in the background has it ignored
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(ROOT)
        os.execve(command[0], command, own)
    text = b""
    while True:
        try:
            text += os.read(terminal, 65536)
        except OSError:
            break
        if interrupt and interrupt in text:
            os.write(terminal, b"\x03")
            interrupt = b""
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), text.decode().replace("\r\n", "\n")


@pytest.fixture
def keys(rehearsal_keys: Path) -> tuple[str, str]:
    return "--keys", str(rehearsal_keys)


def test_many_stories_are_a_line_each_and_the_promises_in_words(
    keys: tuple[str, str], tmp_path: Path
) -> None:
    report = tmp_path / "report.xml"
    done = piped("run", "--tag", "sync", "--junit", str(report), *keys)
    text = done.stdout.decode()
    lines = text.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line.split()[2] for line in lines if line.startswith("✔ passed")] == list(FEW)
    assert all(re.search(r"(day|hour|minute).* \d+\.\d\d s$", line) for line in lines[1:6])
    assert all(any(line.endswith(f"{one.number}. {one.text}") for line in lines) for one in PROMISES)
    assert f"Report: {report}" in lines
    assert "\x1b" not in text
    assert "\r" not in text
    assert len(lines) < 20


def test_up_to_three_by_name_are_told(keys: tuple[str, str]) -> None:
    told = piped("run", "sync_success", "death_without_id", *keys).stdout.decode()
    assert "registrar → OpenCRVS: clicks Register 200" in told
    assert "✔ it carries a registration number" in told
    quiet = piped("run", "--quiet", "sync_success", "death_without_id", *keys).stdout.decode()
    assert "clicks Register" not in quiet
    assert len(quiet.splitlines()) == 5
    verbose = piped("run", "--verbose", *FEW[1:], "-j", "2", *keys).stdout.decode()
    assert verbose.count("clicks Register 200") >= len(FEW) - 1


def test_a_terminal_of_80_columns_shows_what_is_played_now_and_breaks_lines_between_words(
    keys: tuple[str, str],
) -> None:
    status, text = shown("run", "--tag", "sync", *keys)
    assert status == 0
    assert re.search(r"\r\d of 5 done; playing \w+", text)
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line.rpartition("\r")[2]) for line in text.split("\n")]
    assert max(map(len, lines)) <= 80
    assert "".join(lines).count("stuck") == 1
    assert any(line.startswith(" " * 29) and line.endswith("in silence.") for line in lines)


def test_no_color_is_obeyed(keys: tuple[str, str]) -> None:
    status, text = shown("run", "sync_success", *keys, NO_COLOR="1")
    assert status == 0
    assert "✔ passed" in text
    assert "\x1b" not in text


SIGNS = (
    (("run", "odd_data"), 0),
    (("list", "--long"), 0),
    (("run", "--help"), 0),
    (("run", "--tag", "no–tag"), 2),
)
ONE_AFTER_THE_OTHER = """
import json, sys
from scenarios.cli.app import main
for words, status in json.loads(sys.argv[1]):
    sys.argv = ["rehearse", *words]
    try:
        main()
    except SystemExit as end:
        assert (end.code or 0) == status, words
"""


@pytest.mark.parametrize(
    "variables",
    examples(
        [
            {"PYTHONIOENCODING": "latin-1"},
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        ],
        [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C"}],
    ),
)
def test_an_encoding_that_lacks_the_signs_gets_plain_ones(
    variables: dict[str, str], keys: tuple[str, str]
) -> None:
    commands = [[[*words, *keys] if "odd_data" in words else words, status] for words, status in SIGNS]
    command = [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(commands)]
    own = environment(**variables)
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, timeout=240)
    said = done.stdout + done.stderr
    assert b"Error" not in said, said
    assert done.returncode == 0
    assert b"no scenario has the tag" in said
    if variables != {"LC_ALL": "C"}:
        assert said.count(b"+ passed  promises +1 +2 +3 +4 +5") == 1


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


def test_side_by_side_gives_the_same_verdicts_in_the_same_order(
    keys: tuple[str, str], tmp_path: Path
) -> None:
    ends = []
    for jobs in ("1", "3"):
        events = tmp_path / f"{jobs}.ndjson"
        piped("run", *THREE, "-j", jobs, "--ndjson", str(events), *keys)
        lines = [json.loads(line) for line in events.read_text().splitlines()]
        ends.append(
            [
                (line["story"], line["outcome"], line["at"], [v["ruling"] for v in line["verdicts"]])
                for line in lines
                if line["event"] == "ScenarioEnded"
            ]
        )
    assert ends[0] == ends[1]
    assert [name for name, *_ in ends[0]] == list(THREE)


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
    while "answered_after_all" not in run.stdout.readline():
        pass
    run.terminate()
    said, wrong = run.communicate(timeout=60)
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


def test_every_command_says_what_it_takes_without_types_of_switches_and_gives_examples() -> None:
    for command in ("list", "run", "verify", "up"):
        text = piped(command, "--help").stdout.decode()
        assert "<bool>" not in text
        assert "Examples" in text
    assert "<bool>" not in piped("--help").stdout.decode()


def test_list_is_data_too() -> None:
    told = json.loads(piped("list", "--json").stdout)
    assert [one["name"] for one in told] == [one.name for one in stories()]
    assert all(one["title"] and one["tags"] and one["profiles"] for one in told)


def test_the_version_is_said() -> None:
    assert re.fullmatch(rb"rehearse \d+\.\d+\.\d+\S*\n", piped("--version").stdout)


def test_a_run_ends_in_a_process_that_handles_sigterm_itself(keys: tuple[str, str]) -> None:
    """As in somebody's test runner: forks have the handler, too."""
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: None); "
        "from scenarios.cli.app import main; sys.argv[0] = 'rehearse'; main()"
    )
    words = ("run", "--quiet", "-j", "2", "sync_success", "sync_rejection", *keys)
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, timeout=60)
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
    run.wait(timeout=20)
    assert run.stdout.read() is not None  # it ends when the last process that could write to it has ended
    run.stdout.close()
