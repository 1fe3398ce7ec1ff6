"""What the scenario tests share: one folder of keys for the session, and a way to play a story."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from scenarios.engine import Engine, Options
from scenarios.events import Event, ScenarioEnded
from scenarios.library import Story
from scenarios.opening import opener
from scenarios.servers import BridgeStarter

Play = Callable[..., Awaitable[tuple[ScenarioEnded, list[Event]]]]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def play(keys: Path) -> Play:
    """Play one story and return how it ended, with everything that was told."""

    async def played(
        story: Story, profile: str = "2.0", bridge: BridgeStarter | None = None
    ) -> tuple[ScenarioEnded, list[Event]]:
        told: list[Event] = []
        engine = Engine(opener(keys, bridge=bridge), Options(profile=profile), [told.append])
        run = await engine.run([story])
        return run.endings[0], told

    return played
