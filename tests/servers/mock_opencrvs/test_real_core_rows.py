"""What running the real services once more showed (contract opencrvs §0.4), row by row."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpServer

from mock_opencrvs.app import Running, start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import Pending, confirming_token, refused, told
from tests.servers.mock_opencrvs.conftest import Enter, Start
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs import tokens
from wire.opencrvs.profiles import Profile
from wire.world import World

old_profile = pytest.mark.parametrize("profile", [Profile.V1_9])
new_profiles = pytest.mark.parametrize("profile", [Profile.V2_0, Profile.V2_1])
latest = pytest.mark.parametrize("profile", [Profile.V2_1])


async def _token(opencrvs: Running, *scopes: str) -> str:
    """A token of the registrar's with other scopes."""
    user = opencrvs.people.by_username("k.mweene")
    assert user is not None
    return await opencrvs.core.tokens.for_user(user, scopes)


@new_profiles
@pytest.mark.parametrize("value", [{"eventId": "bad"}, {}, {"eventId": 5}, "x", None])
async def test_row_17_a_record_is_asked_for_by_an_id_before_anybody_asks_for_scopes(
    opencrvs: Running, enter: Enter, value: Any
) -> None:
    nobody = enter(token=await _token(opencrvs))
    error = await refused(nobody, "event.get", value, query=True)
    assert error.http_status == 400
    (issue,) = json.loads(error.message)
    assert issue["code"] == ("invalid_format" if value == {"eventId": "bad"} else "invalid_type")


@old_profile
@pytest.mark.parametrize("scopes", [["record.register"], ["record.register", "record.register[event=other]"]])
async def test_row_18_a_literal_opens_no_event_type(
    opencrvs: Running, enter: Enter, registrar: Browser, families: Families, scopes: list[str]
) -> None:
    record = await registrar.declare(families.birth())
    holder = enter(token=await _token(opencrvs, *scopes))
    value = {"eventId": record.id, "transactionId": "t", "declaration": {}, "annotation": {}}
    assert (await refused(holder, "event.actions.register.request", value)).http_status == 403


@old_profile
async def test_row_18_a_literal_does_not_read(opencrvs: Running, enter: Enter, registrar: Browser) -> None:
    others = await enter("f.katongo").create("birth")
    own = await registrar.create("birth")
    holder = enter(token=await _token(opencrvs, "record.read"))
    assert (await refused(holder, "event.get", others["id"], query=True)).http_status == 404
    assert (await holder.query("event.get", own["id"]))["id"] == own["id"]  # whoever made a record reads it


@pytest.mark.parametrize(("profile", "found"), [(Profile.V1_9, 1), (Profile.V2_0, 1), (Profile.V2_1, 0)])
async def test_row_19_all_of_is_dropped_before_2_1(
    registrar: Browser, families: Families, found: int
) -> None:
    await registrar.declare(families.birth())
    query = {"type": "and", "clauses": [{"flags": {"allOf": ["no-such-flag"]}}]}
    assert (await registrar.query("event.search", {"query": query}))["total"] == found


async def test_row_26_a_server_that_runs_alone_repeats_no_ids_after_a_restart(
    country: CountryServer, keys: Path
) -> None:
    """A bridge with a kept database would take a new action for one that it has settled long ago."""
    ids = set()
    for _ in range(2):
        settings = Settings(gateway_port=0, auth_port=0, country_config_url=country.url, keys=keys)
        world = World.system(settings.seed)
        running = await start(settings, world)
        async with Browser(running.gateway_url, world) as registrar:
            event = await registrar.create("birth")
        await running.close()
        ids |= {event["id"], *(action["id"] for action in event["actions"])}
    assert len(ids) == 6


@latest
@pytest.mark.parametrize("verb", ["accept", "reject"])
@pytest.mark.requirement("OCRVS-ACC-10")
async def test_row_27_a_users_token_is_refused_before_the_input_is_read(
    registrar: Browser, verb: str
) -> None:
    error = await refused(registrar, f"event.actions.register.{verb}", {"nothing": "right"})
    assert told(error) == (403, "FORBIDDEN")


@latest
@pytest.mark.requirement("OCRVS-ACC-11")
async def test_row_28_status_comes_before_type(
    opencrvs: Running, registrar: Browser, families: Families, country: CountryServer, enter: Enter
) -> None:
    country.will("DECLARE", 202)
    created = await registrar.create("birth")
    family = families.birth()
    event = await registrar.act(
        "declare",
        created["id"],
        declaration=dict(family.declaration),
        annotation=dict(family.annotation),
    )
    client = enter(token=await confirming_token(opencrvs, ""))

    async def accept(action_id: str) -> tuple[int, str]:
        value = Pending(event["id"], action_id, "", event).input()
        return told(await refused(client, "event.actions.register.accept", value))

    first, waiting = event["actions"][0]["id"], event["actions"][-2]["id"]
    assert event["actions"][-2]["type"] == "DECLARE"
    assert await accept(first) == (400, f"Action {first} is not awaiting confirmation.")
    assert await accept(waiting) == (
        400,
        f"Action {waiting} is of type DECLARE, cannot be confirmed as REGISTER.",
    )
    await client.mutate(
        "event.actions.declare.accept", {"eventId": event["id"], "actionId": waiting, "transactionId": "a"}
    )
    assert await accept(waiting) == (400, f"Action {waiting} is not awaiting confirmation.")


@latest
@pytest.mark.requirement("OCRVS-TRG-05")
async def test_row_29_cores_own_token_is_for_the_country_alone(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    await registrar.declare(families.birth())
    claims = tokens.peek(country.last("DECLARE").token)
    assert claims["aud"] == ["opencrvs:countryconfig-user"]
    assert (claims["scope"], claims["userType"]) == ([], "system")
    assert not {"eventId", "actionId"} & set(claims)


class Ready:
    """A country's server that makes a client when core is ready; `will` scripts refusals first."""

    def __init__(self, *will: int) -> None:
        self.will = list(will)
        self.events: str = ""
        self.tokens: list[str] = []
        self.made: list[tuple[int, Any]] = []

    async def handle(self, request: web.Request) -> web.Response:
        assert (request.method, request.path) == ("GET", "/trigger/system/ready")
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        if self.will:
            return web.Response(status=self.will.pop(0))
        self.made.append(await self.make(self.tokens[-1], CLIENT))
        return web.Response()

    async def make(self, token: str, value: dict[str, Any]) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.post(f"{self.events}/integrations", json=value) as answer,
        ):
            return answer.status, await answer.json(content_type=None)


CLIENT = {
    "name": "MOSIP",
    "scopes": ["type=record.action.accept&event=birth,death", "type=record.read&event=birth,death"],
    "credentials": {"clientId": "7d9c1a34-0d5e-4b7a-8c19-0a1b2c3d4e77", "clientSecret": "agreed-before"},
}


async def _ready(aiohttp_server: AiohttpServer, start_opencrvs: Start, *will: int) -> tuple[Ready, Running]:
    """A country and core, which has started and told it."""
    country = Ready(*will)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", country.handle)
    server = await aiohttp_server(app)
    opencrvs = await start_opencrvs(events_port=0, country_config_url=str(server.make_url("")))
    assert opencrvs.events_port is not None
    country.events = opencrvs.events_port.url
    await opencrvs.world.clock.advance(200 if 500 in will or 503 in will else 0)
    return country, opencrvs


@latest
@pytest.mark.parametrize("refusals", [(), (500,), (401, 503, 302)])
@pytest.mark.requirement("OCRVS-TOK-12")
async def test_row_31_a_country_makes_its_client_when_core_is_ready(
    aiohttp_server: AiohttpServer, start_opencrvs: Start, refusals: tuple[int, ...], world: World
) -> None:
    country, opencrvs = await _ready(aiohttp_server, start_opencrvs, *refusals)
    claims = tokens.peek(country.tokens[0])
    assert claims["aud"] == ["opencrvs:countryconfig-user", "opencrvs:events-user"]
    assert claims["scope"] == ["type=integration.create"]
    assert claims["exp"] - claims["iat"] == 60
    assert len(country.tokens) == len(refusals) + 1
    ((status, made),) = country.made
    client = {"client_id": made["clientId"], "client_secret": made["clientSecret"]}
    assert (status, client) == (
        200,
        {"client_id": CLIENT["credentials"]["clientId"], "client_secret": "agreed-before"},  # type: ignore[index]
    )
    form = {"grant_type": "client_credentials", **client}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{opencrvs.auth_url}/token", data=form) as answer,
    ):
        assert answer.status == 200
    assert await opencrvs.announce_ready()
    assert country.made[-1][0] == 409


@latest
@pytest.mark.parametrize("answer", [404, 501])
async def test_row_31_a_country_may_have_no_clients(
    aiohttp_server: AiohttpServer, start_opencrvs: Start, answer: int
) -> None:
    country, _ = await _ready(aiohttp_server, start_opencrvs, answer)
    assert (len(country.tokens), country.made) == (1, [])


@latest
async def test_row_31_core_gives_up_after_ten_tries(
    aiohttp_server: AiohttpServer, start_opencrvs: Start, world: World
) -> None:
    country, _ = await _ready(aiohttp_server, start_opencrvs, *[500] * 11)
    at = [tokens.peek(token)["iat"] for token in country.tokens]
    assert [later - earlier for earlier, later in pairwise(at)] == [1, 2, 4, 8, 16, 30, 30, 30, 30]


@latest
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scopes": ["type=record.fly"]}, 400),
        ({"scopes": ["record.confirm-registration"]}, 400),
        ({"credentials": {"clientId": "mosip", "clientSecret": "x"}}, 400),
        ({"credentials": {"clientId": "7d9c1a34-0d5e-4b7a-8c19-0a1b2c3d4e78"}}, 400),
        ({"name": ""}, 400),
        ({"credentials": {"clientId": "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e01", "clientSecret": "x"}}, 409),
    ],
)
async def test_row_31_what_is_no_client(
    aiohttp_server: AiohttpServer, start_opencrvs: Start, changes: dict[str, Any], status: int
) -> None:
    country, opencrvs = await _ready(aiohttp_server, start_opencrvs, 404)
    before = dict(opencrvs.people.clients)
    answered, _ = await country.make(country.tokens[0], {**CLIENT, **changes})
    assert (answered, opencrvs.people.clients) == (status, before)


@latest
async def test_row_31_cores_token_opens_no_gateway(
    aiohttp_server: AiohttpServer, start_opencrvs: Start
) -> None:
    country, opencrvs = await _ready(aiohttp_server, start_opencrvs, 404)
    country.events = f"{opencrvs.gateway_url}/events"
    assert (await country.make(country.tokens[0], CLIENT))[0] == 401


@latest
async def test_row_31_a_trigger_token_makes_no_client(
    aiohttp_server: AiohttpServer, start_opencrvs: Start, world: World
) -> None:
    country, opencrvs = await _ready(aiohttp_server, start_opencrvs, 404)
    token = await opencrvs.core.tokens.for_trigger({}, "", "")
    assert (await country.make(token, CLIENT))[0] == 401


@latest
@pytest.mark.requirement("OCRVS-TOK-12")
async def test_row_31_cores_token_is_good_for_a_minute(
    aiohttp_server: AiohttpServer, start_opencrvs: Start, world: World
) -> None:
    country, _ = await _ready(aiohttp_server, start_opencrvs, 404)
    await world.clock.advance(61)
    assert (await country.make(country.tokens[0], CLIENT))[0] == 401
