"""Fixtures: `keys` (one folder for the whole run) and `stage` (servers with settings, closed at the end)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage, close_stage, open_stage
from wire.keyfolder import KeyFolder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return KeyFolder(tmp_path_factory.mktemp("keys")).ensure().path


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
