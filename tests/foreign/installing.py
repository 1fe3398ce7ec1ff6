"""Foreign programs are installed once, outside the repository, from the lock or the pins that lie here.

The folder is `$REHEARSAL_FOREIGN`, or one in the user's cache. Its name carries a digest of what was asked
for, so that a changed lock is a new installation.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.once import once

HERE = Path(__file__).parent
NODE, NPM = shutil.which("node"), shutil.which("npm")
LOCK = (HERE / "node" / "package.json", HERE / "node" / "package-lock.json")
SDK_PINS = HERE / "sdk" / "requirements.txt"


def _root() -> Path:
    given = os.environ.get("REHEARSAL_FOREIGN")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else cache / "opencrvs-nid-rehearsal"


def need_node() -> str:
    """The node program; without it the test is skipped, on CI it fails."""
    if NODE is None or NPM is None:
        if os.environ.get("CI"):
            pytest.fail("node and npm are not installed, and CI must run this")
        pytest.skip("node and npm are not installed")
    return NODE


def node_modules() -> Path:
    """The folder with `node_modules` after the committed lock."""
    need_node()

    def install(folder: Path) -> None:
        for file in LOCK:
            shutil.copy(file, folder)
        # the client's peer is a compiler, which nobody needs here
        _run([str(NPM), "ci", "--legacy-peer-deps", "--no-audit", "--no-fund"], cwd=folder)

    return _once("node", b"".join(file.read_bytes() for file in LOCK), install)


def sdk_python() -> Path:
    """The interpreter of a virtual environment that holds the pins of `sdk/requirements.txt` alone."""

    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder / "venv")])
        _run([str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "-r", str(SDK_PINS)])

    pins = SDK_PINS.read_bytes() + sys.version.encode()
    return _once("sdk", pins, install) / "venv" / "bin" / "python"


def _once(name: str, asked: bytes, install: Callable[[Path], None]) -> Path:
    return once(_root() / f"{name}-{hashlib.sha256(asked).hexdigest()[:12]}", install)


def _run(command: list[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command[:4])} … failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
