"""A registration that waits for its delivery, and what it must not have changed."""

from __future__ import annotations

from typing import Any

from bridge.registration import Registration, State
from tests.servers.bridge.conftest import Stage


async def waiting(stage: Stage, event_type: str = "birth") -> tuple[dict[str, Any], Registration]:
    event = await stage.submitted(event_type)
    return event, await stage.of(event)


async def unchanged(stage: Stage, event: dict[str, Any]) -> bool:
    return (await stage.of(event)).state is State.SUBMITTED and not stage.opencrvs.accepted(event)
