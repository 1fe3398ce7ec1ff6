"""`python -m mock_nid` as a person starts it: help, settings from three places, clear refusals."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from mock_nid.program import PROGRAM
from mock_nid.settings import Settings, Style
from tests.forked import forked


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*forked("mock_nid"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def test_help_names_every_setting_and_shows_examples() -> None:
    text = " ".join(PROGRAM.parser().format_help().split())
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')}" in text
    assert "examples:" in text


def test_options_go_before_environment_before_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "nid.toml"
    file.write_text('port = 1\nseed = 1\npartner_id = "from-file"\n')
    monkeypatch.setenv("MOCK_NID_SEED", "2")
    monkeypatch.setenv("MOCK_NID_PORT", "2")
    monkeypatch.setenv("MOCK_NID_SUBJECT_ATTRIBUTES", "UIN, VID")
    settings = PROGRAM.told(["--config", str(file), "--port", "3"])
    assert (settings.port, settings.seed, settings.partner_id) == (3, 2, "from-file")
    assert settings.subject_attributes == ("UIN", "VID")


def test_a_style_is_many_settings_and_each_can_be_given_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_NID_STYLE", "upstream-mock")
    monkeypatch.setenv("MOCK_NID_PROOF", "urdna2015")
    settings = Settings()
    assert settings.style is Style.UPSTREAM_MOCK
    assert (settings.thumbprint, settings.vid_digits, settings.proof) == ("zero", 10, "urdna2015")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "many"), "setting port (MOCK_NID_PORT): Input should be"),
        (
            ("--processing-seconds", "soon"),
            "setting processing_seconds (MOCK_NID_PROCESSING_SECONDS): 'soon'",
        ),
        (("--state-file", "/proc/people"), "/proc/people cannot be used (No such file or directory); move"),
        (
            ("--state-file", "/"),
            "/ cannot be used (Is a directory); move it away, or choose another MOCK_NID_ST",
        ),
        (("--default-plan", "maybe"), "no outcome is called 'maybe'"),
        (("--people-file", "/nowhere.yaml"), "/nowhere.yaml"),
        (("--config", "/nowhere.toml"), "/nowhere.toml"),
        (("--partner-certificate", __file__), "setting MOCK_NID_PARTNER_CERTIFICATE"),
        (("--ida-client-certificate", __file__), "setting MOCK_NID_IDA_CLIENT_CERTIFICATE"),
        (
            ("--keys", __file__),
            "(File exists): name one that you may write to with MOCK_NID_KEYS",
        ),
        (("--accepted-processes", "CRVS1/CRVS_NEW, CRVS_DEATH"), "'CRVS_DEATH' is no SOURCE/PROCESS"),
    ],
)
def test_what_cannot_be_used_is_said(keys: Path, arguments: tuple[str, str], said: str) -> None:
    done = run("--keys", str(keys), "--port", "0", "--esignet-port", "0", *arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_a_taken_port_is_named_with_its_setting(keys: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run("--keys", str(keys), "--port", "0", "--esignet-port", str(port))
    assert done.returncode == 2
    assert str(port) in done.stderr and "MOCK_NID_ESIGNET_PORT" in done.stderr


def test_it_prints_its_urls_and_stops_at_ctrl_c(keys: Path) -> None:
    command = [*forked("mock_nid"), "--keys", str(keys), "--port", "0", "--esignet-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(4)]
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=240)
    assert any("http://127.0.0.1:" in line for line in lines)
    assert program.returncode == 0 and "Traceback" not in errors
