"""Calls at the mediator's port."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession

from tests.servers.bridge.conftest import Stage


async def call(stage: Stage, method: str, path: str, **more: Any) -> tuple[int, dict[str, str], str]:
    """(status, headers, text) of a call at the mediator's port."""
    url = stage.running.mediator_url + path
    async with (
        ClientSession() as session,
        session.request(method, url, allow_redirects=False, **more) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.text()
