"""Foreign programs are installed once, outside the repository, from the lock or the pins that lie here.

The folder's name carries a digest of what was asked for, so that a changed lock is a new installation.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.once import once
from tests.programs import fetched, missing, npm

HERE = Path(__file__).parent
LOCK = (HERE / "node" / "package.json", HERE / "node" / "package-lock.json")
SDK_PINS = HERE / "sdk" / "requirements.txt"


def node_modules() -> Path:
    """The folder with `node_modules` after the committed lock; Node must be there."""

    def install(folder: Path) -> None:
        for file in LOCK:
            shutil.copy(file, folder)
        # the client's peer is a compiler, which nobody needs here
        npm("ci", "--legacy-peer-deps", "--no-audit", "--no-fund", cwd=folder)

    return _once("node", b"".join(file.read_bytes() for file in LOCK), install)


def sdk_python() -> Path:
    """The interpreter of a virtual environment that holds the pins of `sdk/requirements.txt` alone."""

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", str(folder / "venv"))
        _run(str(folder / "venv/bin/python"), "-m", "pip", "install", "-r", str(SDK_PINS))

    pins = SDK_PINS.read_bytes() + sys.version.encode()
    return _once("sdk", pins, install) / "venv" / "bin" / "python"


def _once(name: str, asked: bytes, install: Callable[[Path], None]) -> Path:
    try:
        return once(fetched() / f"{name}-{hashlib.sha256(asked).hexdigest()[:12]}", install)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        lines = said.decode(errors="replace").strip().splitlines()
        # npm's last line names a log of this moment: each attempt would be a reason of its own
        told = next((line for line in lines if line.startswith("npm error code")), lines[-1])
        missing(name, f"packages from their index ({told})", "try again when the index answers")


def _run(*command: str) -> None:
    subprocess.run(command, capture_output=True, timeout=600, check=True)
