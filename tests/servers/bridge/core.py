"""Records at a core that does more than its protocol says (contract opencrvs §0.4)."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bridge.registration import Registration
from tests.servers.bridge.conftest import OPERATIONS, Stage

ACCEPT = "event.actions.register.accept"


production = pytest.mark.parametrize("production", [False, True], ids=["development", "production"])


async def issued(stage: Stage) -> dict[str, Any]:
    event = await stage.submitted()
    await credential(stage, await stage.of(event))
    return event


async def credential(stage: Stage, registration: Registration) -> None:
    rid = registration.packet_id
    assert await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid))) == 200


def called(stage: Stage, path: str) -> list[dict[str, Any]]:
    return [given for name, given, _ in stage.opencrvs.calls if name == path]


async def listed(stage: Stage, query: str = "") -> list[dict[str, Any]]:
    url = f"{stage.running.mediator_url}/operations/registrations{query}"
    headers = {"Authorization": f"Bearer {OPERATIONS}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        found: list[dict[str, Any]] = (await answer.json())["registrations"]
        return found


def written(stage: Stage, event: dict[str, Any], body: dict[str, Any]) -> None:
    """What core does with a synchronous 200."""
    given = {"eventId": event["id"], "actionId": event["actions"][-1]["id"], "transactionId": "core", **body}
    stage.opencrvs._do(ACCEPT, given)
