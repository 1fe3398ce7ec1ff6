"""The kit's pytest plugin, which pytest finds by itself where the kit is installed.

It is read at the start of every run of pytest in that environment, so it imports nothing of the kit before a
test asks for a fixture. The fixtures themselves are in `scenarios.pytest_fixtures`.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from scenarios.judging.verdicts import Verdict
    from scenarios.stage.stage import Stage


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixtures; not where pytest-asyncio is missing, for they would stop every test of that place."""
    if find_spec("pytest_asyncio") is not None:
        config.pluginmanager.import_plugin("scenarios.pytest_fixtures")


async def verdicts(stage: Stage) -> tuple[Verdict, ...]:
    """Let everything come to rest, then judge the five promises."""
    await stage.rest()
    return await stage.verdicts()
