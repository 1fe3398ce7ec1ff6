"""The suite's own processes come of one that has collected: what that could not import, each must tell."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.kit import ROOT


def test_a_test_that_cannot_be_imported_is_not_lost(tmp_path: Path) -> None:
    sound, broken = tmp_path / "test_sound.py", tmp_path / "test_broken.py"
    sound.write_text("def test(): pass\n")
    broken.write_text("import nowhere_to_be_found\n\ndef test(): pass\n")
    words = ["-p", "no:schemathesis", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    code = (
        "from tests.forked import collected; "
        f"print(collected([*{words}, {str(sound)!r}]), collected([*{words}, {str(broken)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.stdout.split() == ["True", "False"], done.stderr


def test_the_kit_installed_with_its_plugin_is_collected_as_any_other(tmp_path: Path) -> None:
    """pip leaves this folder in the checkout; pytest warns when it is too late to rewrite what it lists."""
    sound, installed = tmp_path / "test_sound.py", tmp_path / "kit.egg-info"
    sound.write_text("def test(): pass\n")
    installed.mkdir()
    (installed / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: kit\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[pytest11]\nkit-of-a-test = json\n")
    (installed / "SOURCES.txt").write_text("wire/__init__.py\n")
    words = [
        "-p",
        "no:schemathesis",
        "-c",
        "/dev/null",
        "--rootdir",
        str(tmp_path),
        "-W",
        "error::pytest.PytestAssertRewriteWarning",
    ]
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        f"from tests.forked import collected; print(collected([*{words}, {str(sound)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.stdout.split() == ["True"], done.stderr


@pytest.mark.skipif(not forked.POSSIBLE, reason="elsewhere programs are no forks")
def test_a_signal_that_comes_as_the_program_ends_does_not_change_its_status(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "socket"))
        door.listen()
        called = [
            sys.executable,
            "-IS",
            str(ROOT / "tests" / "forked.py"),
            str(tmp_path / "socket"),
            "bridge",
        ]
        caller = subprocess.Popen(called, stderr=subprocess.PIPE)
        line, _ = door.accept()
        with line:
            line.sendall(ended.pid.to_bytes(4))
            while not line.recv(65536).endswith(b"!"):
                pass
            caller.terminate()
            line.sendall((0).to_bytes(4))
            assert (caller.communicate()[1], caller.returncode) == (b"", 0)


MADE = """
import socket, threading, pytest

@pytest.fixture(scope="session")
def made(): yield; print("undone", file=open({undone!r}, "w"))

def test(made): socket.create_connection(("127.0.0.1", {port})); threading.Event().wait(240)
"""


def test_ctrl_c_undoes_what_tests_have_made_and_is_told_once(tmp_path: Path) -> None:
    """In a terminal it comes to every process of the run."""
    undone, test = tmp_path / "undone", tmp_path / "test_made.py"
    words = ["-p", "no:schemathesis", "-p", "tests.conftest", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    with socket.create_server(("127.0.0.1", 0)) as begun:
        begun.settimeout(240)
        test.write_text(MADE.format(undone=str(undone), port=begun.getsockname()[1]))
        run = subprocess.Popen(
            [sys.executable, "-m", "pytest", *words, "-n", "1", str(test)],
            cwd=ROOT,
            env={name: os.environ[name] for name in os.environ if not name.startswith(("PYTEST_", "TESTS_"))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        begun.accept()
    os.killpg(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=240)
    assert undone.read_text() == "undone\n", said
    assert "Traceback" not in said and "has ended" not in said, said
    assert run.returncode == pytest.ExitCode.INTERRUPTED
