"""The plugin as its page says, and beside other settings, in a project that has only the installed kit."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from mock_opencrvs.app import Running as OpenCRVS
from rehearsal_pytest import fixtures
from rehearsal_pytest.names import PACKAGES
from scenarios.stage.actors.registrar import Registrar
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
import shutil
import sysconfig
from pathlib import Path

import scenarios
from wire.keyfolder import KeyFolder

assert scenarios.__path__[0].startswith(sysconfig.get_path("purelib"))
ensure = KeyFolder.ensure

def of_this_run(folder, *setting):
    shutil.copytree({!r}, folder.path, dirs_exist_ok=True)
    return ensure(folder, *setting)

KeyFolder.ensure = of_this_run
"""
SOBER = """
import sys

def test_sober():
    assert "rehearsal_pytest" in sys.modules
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


KEYS_OF_THIS_RUN = """
from pathlib import Path
import pytest

@pytest.fixture(scope="session")
def rehearsal_keys():
    return Path({!r})
"""
"""Making new ones takes longer than most of these projects."""


@pytest.fixture
def tried(kit: Kit, tmp_path: Path, rehearsal_keys: Path) -> Tried:
    """Run pytest in a new project with these files; what it said, when it ended with this status.

    `words`: of a Python that has nothing loaded, in place of a fork that has what the kit requires. Unless
    the project has a conftest.py, it is one with test keys.
    """

    def run(files: dict[str, str], *words: str, status: int = 0) -> str:
        with_keys = {"conftest.py": KEYS_OF_THIS_RUN.format(str(rehearsal_keys)), **files}
        for name, text in with_keys.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        program = kit.argv("python", *words) if words else kit.forked("pytest", "-p", "no:cacheprovider")
        done = kit.run(program, cwd=tmp_path, COLUMNS="250")
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        return said

    return run


def test_the_examples_of_the_page_pass_with_its_three_lines(tried: Tried, rehearsal_keys: Path) -> None:
    (three_lines,) = blocks(PAGE, "ini")
    assert len(three_lines.splitlines()) == 3
    files = {}
    for text in blocks(PAGE, "python"):
        match = re.match(r"# (test_\w+\.py)\n", text)
        assert match, "the first line names the file"
        files[match[1]] = text
    expected = sum(text.count("async def test_") for text in files.values())
    from_the_wheel = FROM_THE_WHEEL.format(str(rehearsal_keys))
    said = tried({"pytest.ini": three_lines, "conftest.py": from_the_wheel, **files})
    assert f"{expected} passed" in said


def test_the_page_shows_every_fixture() -> None:
    kind = type(fixtures.clock)
    there = {name for name, value in vars(fixtures).items() if isinstance(value, kind)}
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
    assert "1 passed" in tried({"test_mine.py": SOBER}, "-m", "pytest", "-p", "no:cacheprovider")


OWN_FOLDERS = """
from bridge.mine import BRIDGE
from scenarios.mine import SCENARIOS
from scenarios.stage.stage import Stage

async def test_both_are_there(rehearsal: Stage):
    assert (BRIDGE, SCENARIOS) == ("mine", "mine too")
    birth = await rehearsal.registrar.declares_birth()
    assert (await rehearsal.registrar.registers(birth)).ok
"""
FOLDERS = {
    "pytest.ini": "[pytest]\nasyncio_mode = auto\n",
    "bridge/mine.py": "BRIDGE = 'mine'\n",
    "scenarios/mine.py": "SCENARIOS = 'mine too'\n",
    "test_mine.py": OWN_FOLDERS,
}


@pytest.mark.parametrize("packages", [True, False], ids=["packages", "folders"])
def test_a_project_may_have_folders_of_the_kits_names(tried: Tried, packages: bool) -> None:
    beside = {"bridge/__init__.py": "", "scenarios/__init__.py": ""} if packages else {}
    assert "1 passed" in tried({**FOLDERS, **beside})


@pytest.mark.parametrize("packages", [True, False], ids=["packages", "folders"])
def test_a_file_that_both_have_is_named_in_one_line(tried: Tried, packages: bool) -> None:
    beside = {"bridge/__init__.py": "", "scenarios/__init__.py": ""} if packages else {}
    said = tried({**FOLDERS, **beside, "bridge/settings.py": ""}, status=1)
    told = re.findall(
        r"^rehearsal: (\S+) and the installed kit are both `(\S+)` .*: rename yours", said, re.M
    )
    assert [(Path(file).name, module) for file, module in told] == [("settings.py", "bridge.settings")]


def test_a_module_in_place_of_a_package_is_named_too(tried: Tried) -> None:
    files = {"wire.py": "", "test_mine.py": "from wire.world import World\n"}
    assert re.search(r"^rehearsal: \S+/wire.py and .* `wire` ", tried(files, status=2), re.M)


FAILING = """
from rehearsal_pytest import broken
from scenarios.judging.evidence import LogLine
from scenarios.stage.stage import days

async def test_waits(rehearsal):
    rehearsal.id_system.will("issue", after=days(6))
    rehearsal.id_system.will("reject")
    rehearsal.id_system.breaks("identity", "status", status=503)
    birth = await rehearsal.registrar.declares_birth()
    await rehearsal.registrar.registers(birth)
    await rehearsal.until("registered", birth.is_registered, within=days(4))

async def test_small(registrar, bridge):
    birth = await registrar.declares_birth()
    await registrar.registers(birth)
    assert await birth.number() == "another"

async def test_promises(rehearsal):
    token = "eyJhbGciOiJub25l.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl"
    rehearsal.logbook.lines.append(LogLine("bridge", f"token {token}"))
    assert await broken(rehearsal) == []
"""


def test_a_failure_tells_what_the_servers_have_seen(tried: Tried) -> None:
    said = tried({"pytest.ini": FOLDERS["pytest.ini"], "test_mine.py": FAILING}, status=1)
    waits, small, promises = re.split(r"^_+ test_\w+ _+$", said, flags=re.M)[1:]
    for words in (
        "expected within 4 days: registered",
        "It is 6 Mar 08:00:00 in the rehearsal",
        r"birth \w{6} of [\w ’'-]+: DECLARED, flags register:requested, no number; last row",
        r"packet \d+ of [\w ’'-]+: PROCESSING; plan {'outcome': 'issue', 'after': 518400.0}",
        "bridge → ID system: asks how the packet stands 200",
        "the plan {'outcome': 'reject'} waits for a packet",
        "fault “status 503 at identity” never struck",
        r"answer about packet \d+ is due in 2 days, at 8 Mar 08:00:00",
        "promise 1 is broken: Every 202 ends",
    ):
        assert re.search(words, waits), words
    assert "assert None == 'another'" in small and "OpenCRVS → bridge: asks about REGISTER 202" in small
    assert "promise 4 is broken: No token" in promises and "a log line shows a JSON web token" in promises
    assert (
        "<generator" not in said and "object at 0x" not in promises.partition("no promise is broken")[2][:400]
    )


async def test_fixtures_of_pytest_aiohttp_work_beside_ours(
    registrar: Registrar, opencrvs: OpenCRVS, aiohttp_client: AiohttpClient
) -> None:
    async def answer(request: web.Request) -> web.Response:
        registers = request.match_info["action"] == "REGISTER"
        return web.json_response({"registrationNumber": "2026MINE0001"} if registers else {})

    app = web.Application()
    app.router.add_post("/trigger/events/{event}/actions/{action}", answer)
    opencrvs.point_at(str((await aiohttp_client(app)).make_url("")).rstrip("/"))
    birth = await registrar.declares_birth()
    await registrar.registers(birth)
    assert await birth.number() == "2026MINE0001"


def test_the_wheel_has_few_names_and_says_that_it_is_typed(kit: Kit) -> None:
    names = zipfile.ZipFile(kit.wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {*PACKAGES, "rehearsal_pytest"}
    assert {f"{top}/py.typed" for top in tops} <= set(names)
    assert "wire/openapi/bridge.yaml" in names
