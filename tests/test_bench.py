"""The benchmark still measures: a question that its stub did not know once brought it to a halt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bench import processes
from bench.load import Size
from bench.registrations import intake, overload, registrations, verifications
from bench.systems import _until_subscribed, with_mock, with_stub
from bench.triggers import clicks
from tests.forked import forked
from tests.servers.bridge.conftest import postgres, postgres_server
from wire.http.client import HttpClient
from wire.http.listening import listen
from wire.world import World

__all__ = ["postgres", "postgres_server"]
SIZE = Size(count=3, in_flight=2, warm_up=1)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rehearsal_keys: Path) -> None:
    """Neither starts of interpreters nor new keys are what these tests are about."""
    monkeypatch.setattr(processes, "called", forked)
    (tmp_path / "keys").symlink_to(rehearsal_keys)


async def test_every_row_is_measured_with_the_stub(tmp_path: Path) -> None:
    async with with_stub(tmp_path, World.system(), SIZE.in_flight) as parts:
        for work in (intake, registrations, verifications):
            assert (await work(parts, SIZE)).count == SIZE.count
        assert parts.country is not None
        assert parts.country.again == 0


async def test_what_arrives_beyond_the_pace_is_confirmed(tmp_path: Path) -> None:
    async with with_stub(tmp_path, World.system(), SIZE.in_flight, rate="nid=8") as parts:
        first, second, seconds = await overload(parts, SIZE, 40)
    assert (first.count, second.count) == (SIZE.count, SIZE.count)
    assert seconds > 2 * SIZE.all / 8 - 0.5, "the pace was not kept"


async def test_two_bridges_share_a_database(tmp_path: Path, postgres: Any) -> None:
    async with with_stub(tmp_path, World.system(), 2, database=postgres.get_uri(), bridges=2) as parts:
        assert next(parts.mediators) != next(parts.mediators)
        assert (await registrations(parts, SIZE)).count == SIZE.count
        assert parts.country is not None and parts.country.again == 0


async def test_clicks_are_measured_with_the_mock(tmp_path: Path) -> None:
    async with with_mock(tmp_path, World.system(), SIZE.in_flight) as parts:
        assert (await clicks(parts, SIZE)).count == SIZE.count


async def test_nothing_is_measured_before_the_bridge_is_subscribed_to_all() -> None:
    """It answers before: what the ID system told then was lost, and the measurement waited for ever."""
    said = [(503, {}), (200, {"subscriptions": {}})]
    said += [(200, {"subscriptions": {"a": True, "b": done}}) for done in (False, True)]

    async def ready(request: web.Request) -> web.Response:
        status, told = said.pop(0)
        return web.json_response(told, status=status)

    app = web.Application()
    app.router.add_get("/ready", ready)
    listening = await listen(app, "127.0.0.1", 0, "-")
    async with HttpClient("toy", World.system(), 5) as client:
        await _until_subscribed(client, listening.url, World.system())
    await listening.close()
    assert said == []
