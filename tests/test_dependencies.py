"""What is declared is what is imported: by the bridge, by mocks and scenarios, by the tests; nothing else."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import files, packages_distributions
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import nowhere
from tests.kit import NAME, ROOT, Kit

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {
    "wire",
    "testbed",
    "mock_opencrvs",
    "mock_nid",
    "bridge",
    "scenarios",
    "rehearsal_pytest",
    "bench",
    "docs",
    "tests",
}
PLUGIN = {"pytest", "pytest-asyncio"}
"""Imported by `rehearsal_pytest`, which pytest alone reads."""

SITE = {"mkdocs"}
"""Comes with mkdocs-material, by `docs/site.in`: what only `make site` needs."""

WITHOUT_IMPORT = {
    "import-linter": ("Makefile", "lint-imports"),
    "mypy": ("Makefile", "/mypy"),
    "pytest-xdist": ("Makefile", "pytest -n "),
    "ruff": ("Makefile", "/ruff"),
    "setuptools": ("pyproject.toml", "setuptools.build_meta"),
    "types-pyyaml": ("pyproject.toml", '"mypy'),
    "types-regex": ("pyproject.toml", '"mypy'),
}
"""What works without being imported: the file that needs it, and the words there."""


def declared(extra: str = "") -> set[str]:
    """The names that the project or one of its extras requires, without the project's own."""
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    return {canonicalize_name(Requirement(line).name) for line in lines} - {NAME}


@cache
def imported(*packages: str) -> set[str]:
    """The distributions whose modules the packages import, anywhere in a module and for types too."""
    return {name for package in packages for path in sources(package) for name in imported_by(path)}


def imported_by(path: Path) -> Iterator[str]:
    for module in modules(path):
        top = module.partition(".")[0]
        if top not in OWN and top not in sys.stdlib_module_names:
            yield owner(module)


DISTRIBUTIONS = cache(packages_distributions)
"""It reads what every installed package says of itself: half a second."""


@cache
def owner(module: str) -> str:
    """The distribution that a module came with; of a name that many share, by the module's own file."""
    top = module.partition(".")[0]
    sharing = DISTRIBUTIONS().get(top, [top])
    if len(set(sharing)) > 1 and (spec := find_spec(module)) is not None and spec.origin is not None:
        sharing = [one for one in sharing if Path(spec.origin) in map(Path, _files(one))]
    return canonicalize_name(sharing[0])


def _files(name: str) -> Iterator[str]:
    return (str(file.locate()) for file in files(name) or ())


def sources(package: str) -> Iterator[Path]:
    # programs of others have an environment of their own
    return (path for path in (ROOT / package).rglob("*.py") if "foreign/sdk" not in path.as_posix())


def modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


TRACES = ROOT / "bridge" / "traces.py"
"""Imported where a collector of traces is set: it alone needs the extra."""
BRIDGE = ("wire", "bridge")
KIT = (*BRIDGE, "testbed", "mock_opencrvs", "mock_nid", "scenarios", "rehearsal_pytest")


@pytest.mark.parametrize(
    ("extra", "uses"),
    [
        ("", lambda: imported(*BRIDGE) - declared("traces")),
        ("traces", lambda: set(imported_by(TRACES)) - declared()),
        ("rehearsal", lambda: imported(*KIT) - imported(*BRIDGE) - PLUGIN),
        ("pytest", lambda: PLUGIN),
        ("dev", lambda: imported("tests", "bench", "docs") - imported(*KIT) - SITE),
    ],
    ids=["the bridge", "its traces", "mocks and scenarios", "the pytest plugin", "tests and tools"],
)
def test_what_is_declared_is_what_is_imported(extra: str, uses: Callable[[], set[str]]) -> None:
    assert declared(extra) - set(WITHOUT_IMPORT) == uses() - set(WITHOUT_IMPORT)


def test_what_is_not_imported_is_needed_all_the_same() -> None:
    every = declared().union(*(declared(extra) for extra in PROJECT["optional-dependencies"]))
    assert set(WITHOUT_IMPORT) <= every
    for name, (file, words) in WITHOUT_IMPORT.items():
        assert words in (ROOT / file).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "tests/programs/node.lock"])
def test_a_lock_names_no_place(lock: str) -> None:
    """Neither an index nor a folder of the machine that made it: everybody has their own."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert not re.findall(r"^.*(?:://|--index|--find-links|file:|/(?:home|root|opt|tmp)/).*$", text, re.M)


def test_the_bridge_starts_with_its_own_dependencies_alone(
    alone: Kit, tmp_path: Path, rehearsal_keys: Path
) -> None:
    there = {path.name for path in alone.packages.iterdir()}
    assert not there & {"jinja2", "faker", "yaml", "aiohttp_sse", "pytest", "opentelemetry"}
    settings = {
        "PORT": "0",
        "BRIDGE_TRIGGER_PORT": "0",
        "BRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'bridge.db'}",
        "REHEARSAL_KEYS": str(rehearsal_keys),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        **nowhere.ENVIRONMENT,
    }
    command = alone.argv("python", "-m", "bridge")
    environment = alone.environment(PYTHONUNBUFFERED="1", **settings)
    with Popen(command, cwd=tmp_path, env=environment, stdout=PIPE, stderr=STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if '"listening"' in line:
                process.terminate()
    assert '"listening"' in "".join(said), said
    assert len([line for line in said if "[traces]" in line]) == 1, said


@pytest.mark.parametrize(
    "words",
    [
        ("rehearse", "run", "sync_success"),
        ("rehearse", "up"),
        ("python", "-m", "mock_nid"),
        ("python", "-m", "mock_opencrvs", "--help"),
    ],
    ids=" ".join,
)
def test_a_program_without_its_dependencies_names_the_extra(
    alone: Kit, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = alone.run(alone.argv(*words), cwd=tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(r"\S+ is not installed; pip install '\S+\[rehearsal\]' .*\n", done.stderr)
