"""A program that the machine lacks is named with its remedy at the end of a run; on CI that is a failure."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.foreign.installing import node_modules, sdk_python
from tests.kit import ROOT
from tests.programs import CHROMIUM, NODE, need, need_ipv6

TESTS = "tests/other_tools/test_mosip.py"
WITHOUT = [word for name in ("schemathesis", "aiohttp", "faker") for word in ("-p", f"no:{name}")]
"""Plugins that these need not wait for."""
LACKING = "2 openssl tests not run: no openssl; apt-get install openssl"


def played(path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The tests that need openssl, on a machine that has nothing but what lies in `path`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", TESTS, "-k", "openssl", *WITHOUT, *words],
        cwd=ROOT,
        env={**kept, "PATH": str(path), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("workers", ["0", "1"])
def test_what_did_not_run_is_counted_and_named(tmp_path: Path, workers: str) -> None:
    done = played(tmp_path, "-n", workers)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-2] == LACKING
    assert "2 skipped" in done.stdout.splitlines()[-1]


def test_on_ci_everything_must_run(tmp_path: Path) -> None:
    done = played(tmp_path, "-n", "0", CI="true")
    assert done.returncode == 1
    assert "no openssl; apt-get install openssl (on CI every test must run)" in done.stdout


def test_a_browser_that_does_not_start_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ubuntu's chromium-browser is a script that asks for a snap."""
    for name, status in ("chromium-browser", 1), ("google-chrome", 0):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert CHROMIUM.find() == tmp_path / "google-chrome"


def test_node_without_npm_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert NODE.find() != tmp_path / "node"
    (tmp_path / "npm").touch()
    assert NODE.find() == tmp_path / "node"


def test_packages_without_a_folder_to_keep_them_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a home that nothing can be written to."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("REHEARSAL_FOREIGN", str(tmp_path / "file" / "kept"))
    monkeypatch.delenv("CI", raising=False)
    for name, installed in ("sdk", sdk_python), ("node", node_modules):
        with pytest.raises(
            pytest.skip.Exception, match=f"^{name} tests not run: no packages .*Not a directory"
        ):
            installed()


def test_an_index_that_does_not_answer_is_one_reason_however_often_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REHEARSAL_FOREIGN", str(tmp_path / "kept"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.delenv("CI", raising=False)
    need(NODE)
    reasons = set()
    for _ in range(2):
        with pytest.raises(pytest.skip.Exception) as skipped:
            node_modules()
        reasons.add(str(skipped.value))
    [reason] = reasons
    assert reason.startswith("node tests not run: no packages from their index (npm error code ")


def test_a_machine_without_ipv6_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: socket.socket, address: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^IPv6 tests not run: no address ::1; sysctl "):
        need_ipv6()
