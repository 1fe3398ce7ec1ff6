"""The kit as somebody else has it: its wheel, in a virtual environment outside the repository.

The wheel is built from what the image is built from. Beside it the environment has what the kit and an extra
of it require, linked from the environment of these tests, and nothing more.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.forked import POSSIBLE, forked, serving
from tests.once import once

ROOT = Path(__file__).resolve().parents[1]
NAME = "opencrvs-nid-rehearsal"
REQUIRED = (
    "aiohttp.web",
    "aiohttp_sse",
    "alembic.command",
    "asyncpg",
    "cryptography.x509",
    "jinja2",
    "jwt",
    "prometheus_client",
    "pydantic_settings",
    "pytest",
    "regex",
    "sqlalchemy.ext.asyncio",
    "structlog",
    "typer.rich_utils",
    "uvloop",
    "yaml",
)


@dataclass(frozen=True)
class Kit:
    """Where the wheel is, and the environment in which it is installed."""

    folder: Path

    @property
    def wheel(self) -> Path:
        (found,) = (self.folder.with_name("wheel") / "dist").glob("*.whl")
        return found

    @property
    def packages(self) -> Path:
        """The environment's site-packages."""
        (found,) = (self.folder / "venv" / "lib").glob("python*/site-packages")
        return found

    def argv(self, *words: str) -> list[str]:
        """A command of the environment: `rehearse run`, `python -m bridge`."""
        return [str(self.folder / "venv" / "bin" / words[0]), *words[1:]]

    def forked(self, module: str, *words: str) -> list[str]:
        """The same of a module, in a fork that has what the kit requires and nothing of the kit itself."""
        if not POSSIBLE:
            return self.argv("python", "-m", module, *words)
        python = self.argv("python")[0]
        folder = once(
            self.folder.with_name("forks"), lambda folder: serving(folder / "socket", python, REQUIRED)
        )
        return [*forked(module, str(folder / "socket")), *words]

    def environment(self, **variables: str) -> dict[str, str]:
        """What a process of the kit is told: nothing of this run of tests, and nothing of the repository."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, **variables}

    def run(self, command: Sequence[str], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its status is for the caller to judge."""
        return subprocess.run(
            command,
            cwd=cwd,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=240,
        )


def installed(folder: Path, extra: str = "") -> Kit:
    """Build it beside the folder and install it there, with an extra; once for all who ask."""

    def make(folder: Path) -> None:
        once(folder.with_name("wheel"), _build)
        _install(Kit(folder))
        _link_required(Kit(folder), extra)

    return Kit(once(folder, make))


def without_extra(kit: Kit, folder: Path) -> Kit:
    """The same kit beside its bare requirements; what it compiled serves both."""

    def make(folder: Path) -> None:
        alone = Kit(folder)
        _make_environment(alone)
        for top in _tops(_own(kit)):
            (alone.packages / top).symlink_to(kit.packages / top)
        script = Path(kit.argv("rehearse")[0]).read_text(encoding="utf-8")
        Path(alone.argv("rehearse")[0]).write_text(script.replace(str(kit.folder), str(folder)))
        Path(alone.argv("rehearse")[0]).chmod(0o755)
        _link_required(alone, "")

    return Kit(once(folder, make))


def copied() -> list[str]:
    """What the Dockerfile copies into the image, as paths in the repository."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [name for line in re.findall(r"^COPY (.+)$", dockerfile, re.M) for name in line.split()[:-1]]


def _build(folder: Path) -> None:
    source = folder / "source"
    source.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    (folder / "dist").mkdir()
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    _run(
        sys.executable, "-c", build, str(folder / "dist"), cwd=source
    )  # as pip does, which takes twice as long


def _install(kit: Kit) -> None:
    _make_environment(kit)
    # pip's `--python` starts itself a second time in this way
    pip = [str(distribution("pip").locate_file("pip")), "--disable-pip-version-check", "--quiet"]
    _run(*kit.argv("python"), *pip, "install", "--no-deps", "--no-index", str(kit.wheel))


def _make_environment(kit: Kit) -> None:
    _run(sys.executable, "-m", "venv", "--without-pip", str(kit.folder / "venv"))


def _link_required(kit: Kit, extra: str) -> None:
    for one in _required(_own(kit).requires or [], {extra}):
        for top in _tops(one):
            if not (kit.packages / top).exists():
                (kit.packages / top).symlink_to(Path(str(one.locate_file(top))))


def _own(kit: Kit) -> Distribution:
    (own,) = (one for one in distributions(path=[str(kit.packages)]) if one.name == NAME)
    return own


def _tops(one: Distribution) -> set[str]:
    """What it has in site-packages."""
    return {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}


def _required(requirements: Iterable[str], extras: Iterable[str]) -> Iterator[Distribution]:
    """What is installed here for these requirements, and for theirs in turn; each once."""
    asked = [(text, tuple(extras)) for text in requirements]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while asked:
        text, of = asked.pop()
        wanted = Requirement(text)
        if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in (*of, "")):
            continue
        key = canonicalize_name(wanted.name), tuple(sorted(wanted.extras))
        if key not in seen:
            seen.add(key)
            found = distribution(wanted.name)
            if wanted.name != NAME:
                yield found
            asked += [(one, key[1]) for one in found.requires or ()]


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
