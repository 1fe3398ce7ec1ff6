"""The plugin as its page says, and beside other settings, in a project that has only the installed kit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios import pytest_fixtures
from tests.docs.pages import DOCS, blocks
from tests.kit import Kit

PAGE = DOCS / "how-to" / "pytest.md"

Tried = Callable[..., str]

ONE_BIRTH = """
import pytest

async def test_a_birth_is_registered(registrar, plans, bridge, clock):
    plans.enqueue("issue@3600")
    birth = await registrar.declares_birth()
    await registrar.registers(birth)
    assert await birth.is_waiting()
    await clock.advance(3601)
    assert await birth.is_registered()
    assert await bridge.pending() == []

async def test_nothing_is_left_of_the_test_before(opencrvs, nid):
    assert not list(opencrvs.records)
    assert not list(nid.registrations)
"""
MARKED = ONE_BIRTH.replace("import pytest\n", "import pytest\npytestmark = pytest.mark.asyncio\n")

FROM_THE_WHEEL = """
import sysconfig
import scenarios

assert scenarios.__path__[0].startswith(sysconfig.get_path("purelib"))
"""
SOBER = """
import sys

def test_sober():
    assert "scenarios.pytest_plugin" in sys.modules
    assert not {"aiohttp", "bridge", "mock_nid", "mock_opencrvs", "testbed", "wire"} & set(sys.modules)
"""
WITHOUT_PYTEST_ASYNCIO = """
import sys
from importlib.machinery import PathFinder

found = PathFinder.find_spec

class Without:
    def find_spec(self, name, *more):
        return None if name.startswith("pytest_asyncio") else found(name, *more)

PathFinder.find_spec = Without().find_spec  # bound: pytest's own importer makes it a method of itself
import pytest
sys.exit(pytest.main(["-p", "no:asyncio", "-p", "no:cacheprovider"]))
"""


@pytest.fixture
def tried(kit: Kit, tmp_path: Path) -> Tried:
    """Run pytest in a new project with these files; what it said, when it ended with this status."""

    def run(files: dict[str, str], *words: str, status: int = 0) -> str:
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        program = words or ("-m", "pytest", "-p", "no:cacheprovider")
        done = kit.run("python", *program, cwd=tmp_path, COLUMNS="250")
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        return said

    return run


def test_the_examples_of_the_page_pass_with_its_three_lines(tried: Tried) -> None:
    (three_lines,) = blocks(PAGE, "ini")
    assert len(three_lines.splitlines()) == 3
    files = {}
    for text in blocks(PAGE, "python"):
        match = re.match(r"# (test_\w+\.py)\n", text)
        assert match, "the first line names the file"
        files[match[1]] = text
    expected = sum(text.count("async def test_") for text in files.values())
    said = tried({"pytest.ini": three_lines, "conftest.py": FROM_THE_WHEEL, **files})
    assert f"{expected} passed" in said


def test_the_page_shows_every_fixture() -> None:
    kind = type(pytest_fixtures.clock)
    there = {name for name, value in vars(pytest_fixtures).items() if isinstance(value, kind)}
    assert len(there) > 6
    shown = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.M))
    assert there == shown


def test_without_any_settings_a_mark_is_enough(tried: Tried) -> None:
    assert "2 passed" in tried({"test_mine.py": MARKED})


def test_one_loop_for_the_session_is_fine_when_it_is_for_both(tried: Tried) -> None:
    settings = (
        "[pytest]\nasyncio_mode = auto\nasyncio_default_test_loop_scope = session\n"
        "asyncio_default_fixture_loop_scope = session\n"
    )
    assert "2 passed" in tried({"pytest.ini": settings, "test_mine.py": ONE_BIRTH})


def test_two_loops_are_an_error_that_says_what_to_set(tried: Tried) -> None:
    settings = "[pytest]\nasyncio_mode = auto\nasyncio_default_test_loop_scope = session\n"
    said = tried({"pytest.ini": settings, "test_mine.py": ONE_BIRTH}, status=1)
    assert "set asyncio_default_fixture_loop_scope to session too" in said


def test_a_project_may_have_fixtures_of_the_same_names(tried: Tried) -> None:
    own = """
@pytest.fixture
def clock():
    return "mine"

@pytest.fixture
def bridge():
    return "mine too"

async def test_mine(clock, bridge, rehearsal):
    assert (clock, bridge) == ("mine", "mine too")
    birth = await rehearsal.registrar.declares_birth()
    assert (await rehearsal.registrar.registers(birth)).ok
"""
    assert "1 passed" in tried({"test_mine.py": MARKED.partition("async def")[0] + own})


def test_other_tests_run_where_pytest_asyncio_is_missing(tried: Tried) -> None:
    words = ("-c", WITHOUT_PYTEST_ASYNCIO)
    assert "1 passed" in tried({"test_mine.py": "def test_of_others(): pass\n"}, *words)


def test_a_run_without_our_fixtures_does_not_read_the_kit(tried: Tried) -> None:
    assert "1 passed" in tried({"test_mine.py": SOBER})
