"""The kit's pytest plugin, which pytest finds by itself where the kit is installed.

It is read at the start of every run of pytest in that environment, so it imports nothing of the kit before a
test asks for a fixture. The fixtures themselves are in `rehearsal_pytest.fixtures`.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal_pytest import names

if TYPE_CHECKING:
    from collections.abc import Generator

    from scenarios.judging.verdicts import Verdict
    from scenarios.stage.stage import Stage

_OURS = {"rehearsal_options", "rehearsal_setup", "rehearsal_keys"}
"""One of these is behind every fixture of the kit."""


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixtures; not where pytest-asyncio is missing, for they would stop every test of that place."""
    sys.meta_path.append(names.Beside())
    if find_spec("pytest_asyncio") is not None:
        config.pluginmanager.import_plugin("rehearsal_pytest.fixtures")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say in one line why the kit cannot work here, where two files have one name."""
    if _OURS.intersection(getattr(item, "fixturenames", ())) and (hidden := names.hidden()):
        pytest.fail(hidden, pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test that fails tells what its servers have seen."""
    environment = getattr(item, "funcargs", {}).get("rehearsal_environment")
    if isinstance(item, pytest.Function) and environment is not None and iscoroutinefunction(item.obj):
        from rehearsal_pytest.telling import telling

        stage: Any = item.funcargs.get("rehearsal")
        item.obj = telling(item.obj, environment, stage)
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A module that could not be imported may have met the wrong file of two."""
    errors = terminalreporter.stats.get("error", [])
    if any(isinstance(one, pytest.CollectReport) for one in errors) and (hidden := names.hidden()):
        terminalreporter.write_line(hidden)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """`assert await broken(rehearsal) == []` says which promise is broken, and what shows it."""
    verdicts = sys.modules.get("scenarios.judging.verdicts")
    if verdicts is None or op != "==" or right != [] or not isinstance(left, list) or not left:
        return None
    if not all(isinstance(one, verdicts.Verdict) for one in left):
        return None
    return ["no promise is broken", *(line for one in left for line in verdicts.told(one))]


async def verdicts(stage: Stage) -> tuple[Verdict, ...]:
    """Let everything come to rest, then judge the five promises."""
    await stage.rest()
    return await stage.verdicts()


async def broken(stage: Stage) -> list[Verdict]:
    """Let everything come to rest; the promises that are broken then, and [] when none is."""
    from scenarios.judging.verdicts import Ruling

    return [one for one in await verdicts(stage) if one.ruling is Ruling.BROKEN]
