"""Fixtures for tests of a bridge or of anything else that speaks to OpenCRVS and MOSIP.

In `conftest.py`: `pytest_plugins = ["scenarios.pytest_plugin"]`. A test then asks for `rehearsal`, a Stage
with all three servers in this process on free ports, a virtual clock, and nothing left of other tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from scenarios.engine import Options
from scenarios.library import Setup, Story
from scenarios.opening import opener
from scenarios.stage import Stage
from scenarios.verdicts import Verdict
from wire.world import World


@pytest.fixture(scope="session")
def rehearsal_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of test keys, made once a session; override it to use your own."""
    return tmp_path_factory.mktemp("rehearsal-keys")


@pytest.fixture
def rehearsal_setup() -> Setup:
    """How the servers are set up; override it, e.g. `return Setup(bridge={"mode": "sync"})`."""
    return Setup()


@pytest.fixture
def rehearsal_options() -> Options:
    """Profile and seed; override it, e.g. `return Options(profile="1.9", seed=7)`."""
    return Options()


async def _nothing(stage: Stage) -> None:
    return


@pytest_asyncio.fixture
async def rehearsal(
    rehearsal_keys: Path, rehearsal_setup: Setup, rehearsal_options: Options
) -> AsyncIterator[Stage]:
    """A stage: `registrar`, `id_system`, `opencrvs`, `operator`, `stranger`, `until`, `passes`, `check`."""
    story = Story("test", "a test", "", "", _nothing, setup=rehearsal_setup)
    world = World.virtual(seed=rehearsal_options.seed)
    open_stage = opener(rehearsal_keys, watched=False)
    async with open_stage(story, world, rehearsal_options, lambda event: None) as stage:
        if not isinstance(stage, Stage):
            raise TypeError("the opener gave no Stage")
        yield stage


async def verdicts(stage: Stage) -> tuple[Verdict, ...]:
    """Let everything come to rest, then judge the five promises."""
    await stage.rest()
    return await stage.verdicts()
