"""/admin of the mock ID system is for programs, not for pages of another origin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.servers.guarded import allowed, is_refused, is_reset, refused
from tests.servers.mock_nid.actors import Stage

Open = Callable[..., Awaitable[Stage]]


@refused
async def test_a_page_may_not(stage: Open, method: str, path: str, how: dict[str, Any], status: int) -> None:
    s = await stage()
    s.running.plans.enqueue("stall")
    await is_refused(s.running.url, method, path, how, status)
    assert len(s.running.plans.queue) == 1


@allowed
async def test_a_program_may(stage: Open, how: dict[str, Any]) -> None:
    s = await stage(allowed_hosts="mock.test")
    s.running.plans.enqueue("stall")
    await is_reset(s.running.url, how)
    assert not s.running.plans.queue


async def test_the_protocols_routes_are_for_everybody(stage: Open) -> None:
    s = await stage()
    headers = {"Host": "nid.example", "Origin": "http://evil.example"}
    status, _, _ = await s.client.call("GET", "/.well-known/public-key.json", headers=headers)
    assert status == 200
