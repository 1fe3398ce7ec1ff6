"""Fixtures: `keys` (one folder for the whole run) and `stage` (servers with settings, closed at the end)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage, close_stage, open_stage


@pytest.fixture(scope="session")
def keys(rehearsal_keys: Path) -> Path:
    return rehearsal_keys


@pytest.fixture
async def stage(keys: Path) -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    opened: list[Stage] = []

    async def open(**settings: Any) -> Stage:
        one = await open_stage(keys, **settings)
        opened.append(one)
        return one

    yield open
    for one in opened:
        await close_stage(one)
