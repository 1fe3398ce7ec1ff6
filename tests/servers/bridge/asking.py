"""An operator that asks."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession

from tests.servers.bridge.conftest import OPERATIONS, Stage


async def ask(stage: Stage, method: str, path: str, *, token: str | None = OPERATIONS, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = stage.running.mediator_url + path
    async with (
        ClientSession() as session,
        session.request(method, url, headers=headers, json=body or None) as answer,
    ):
        content = await answer.text()
        return answer.status, await answer.json(content_type=None) if content.startswith(
            ("{", "[")
        ) else content
