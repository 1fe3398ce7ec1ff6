"""Events, workqueues and roles fetched from a running country config (contract opencrvs §1.6)."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpServer

from mock_opencrvs.forms.builtin import builtin_forms
from mock_opencrvs.search.workqueues import workqueue_configs
from testbed.browser import Browser
from testbed.gateway_session import LoginFailed
from tests.servers.mock_opencrvs.conftest import Start
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError
from wire.world import World


class Config:
    """A country server that has a configuration: one event type of its own."""

    def __init__(self, profile: Profile) -> None:
        old = profile is Profile.V1_9
        forms = builtin_forms(profile, mosip_fields=False, custom_flags=False, deduplication=False)
        self.events: Any = [{**forms["birth"].config, "id": "adoption"}]
        self.queues = workqueue_configs(profile, custom_flags=False)[:2]
        slugs = ("|" if old else ",").join(queue["slug"] for queue in self.queues)
        create, queues = ("record.create[event=adoption]", f"workqueue[id={slugs}]")
        if not old:
            create, queues = "type=record.create&event=adoption", f"type=workqueue&ids={slugs}"
        self.roles = [{"id": "LOCAL_REGISTRAR", "label": {"defaultMessage": "R"}, "scopes": [create, queues]}]
        self.asked: list[tuple[str, str | None]] = []
        prefix = "" if old else "/config"
        self.app = web.Application()
        self.app.router.add_get(f"{prefix}/events", self._serve("events"))
        self.app.router.add_get("/workqueue" if old else "/config/workqueues", self._serve("queues"))
        self.app.router.add_get(f"{prefix}/roles", self._serve("roles"))

    def _serve(self, name: str) -> Any:
        async def handler(request: web.Request) -> web.Response:
            self.asked.append((name, request.headers.get("Authorization")))
            return web.json_response(getattr(self, name))

        return handler


@pytest.fixture
async def config(profile: Profile, aiohttp_server: AiohttpServer) -> tuple[Config, str]:
    """What it serves, and its address."""
    served = Config(profile)
    server = await aiohttp_server(served.app)
    return served, str(server.make_url(""))


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.requirement("OCRVS-CFG-01")
async def test_the_countrys_own_configuration_counts(
    config: tuple[Config, str], start_opencrvs: Start, world: World, profile: Profile
) -> None:
    served, url = config
    running = await start_opencrvs(country_config_url=url, fetch_country_config=True)
    async with Browser(running.gateway_url, world, profile=profile) as registrar:
        assert (await registrar.create("adoption"))["type"] == "adoption"
        queues = await registrar.query("workqueue.config.list")
        await registrar.create("adoption")
        assert [queue["slug"] for queue in queues] == [queue["slug"] for queue in served.queues]
        assert [name for name, _ in served.asked] == ["roles", "events", "queues"], "fetched once"
        assert dict(served.asked)["roles"] is None
        assert dict(served.asked)["queues"] == f"Bearer Bearer {registrar.token}"


@pytest.mark.parametrize("broken", [{"no": "list"}, [{"id": "adoption"}], ["adoption"]])
async def test_a_configuration_that_cannot_be_read_is_told(
    config: tuple[Config, str], start_opencrvs: Start, world: World, broken: Any
) -> None:
    served, url = config
    served.events = broken
    running = await start_opencrvs(country_config_url=url, fetch_country_config=True)
    async with Browser(running.gateway_url, world) as registrar:
        with pytest.raises(TRPCError) as caught:
            await registrar.create("adoption")
    assert caught.value.http_status == 500
    assert "config" in caught.value.message


@pytest.mark.requirement("OCRVS-CFG-02")
async def test_no_roles_no_log_in(start_opencrvs: Start, world: World) -> None:
    running = await start_opencrvs(country_config_url="http://127.0.0.1:9", fetch_country_config=True)
    async with Browser(running.gateway_url, world) as registrar:
        with pytest.raises(LoginFailed, match="500"):
            await registrar.log_in()
