"""`rehearse` as a person sees it: on a terminal, in a pipe, without colours, in an old encoding, stopped."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from scenarios.judging.verdicts import PROMISES
from scenarios.library import stories
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
