"""Get the programs that tests call and this machine lacks. What cannot be got is said, and is no failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.programs import CHROMIUM, CURL, MKDOCS, NODE, OPENSSL, Program

HERE = Path(__file__).parent
PIP = [sys.executable, "-m", "pip", "install", "--require-hashes", "-r"]
PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium"]
PACKED = [sys.executable, "-m", "tests.programs.chromium"]
LIMIT = 600
"""Seconds that one command may take."""

Way = tuple[str, Sequence[Sequence[str]]]
"""Where it comes from, and the commands; whether they worked is seen by looking for the program again."""


def apt(*packages: str) -> list[Way]:
    """Debian's packages; only root installs them."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return []
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    return [("apt-get", [["apt-get", "update"], install])]


def get(program: Program, ways: Sequence[Way]) -> None:
    """Try the ways in turn until the program is there; one line for each."""
    for source, commands in ways:
        if program.find():
            return
        print(f"getting {program.name} from {source} … ", end="", flush=True)
        began = time.monotonic()
        with suppress(OSError, subprocess.SubprocessError):
            for command in commands:
                _run(command)
        outcome = "" if program.find() else "not to be had there, "
        print(f"{outcome}{time.monotonic() - began:.0f} s")
    if not program.find():
        print(f"{program.tests} tests will not run: no {program.name}; {program.remedy}")


def _run(command: Sequence[str]) -> None:
    subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=LIMIT,
    )


if __name__ == "__main__":
    get(OPENSSL, apt("openssl"))
    get(CURL, apt("curl"))
    get(NODE, [("the Python index", [[*PIP, str(HERE / "node.lock")]]), *apt("nodejs", "npm")])
    get(CHROMIUM, [*apt("chromium"), ("Playwright", [PLAYWRIGHT]), ("npm", [PACKED])])
    get(MKDOCS, [("the Python index", [[*PIP, str(HERE.parents[1] / "docs" / "site.lock")]])])
