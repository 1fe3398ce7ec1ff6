"""What running the real services once more showed (contract opencrvs §0.4), row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_opencrvs.app import Running, start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import Pending, confirming_token, refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.country import CountryServer
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
    event = await registrar.create("birth")
    holder = enter(token=await _token(opencrvs, "record.read"))
    assert (await refused(holder, "event.get", event["id"], query=True)).http_status == 404


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
async def test_row_27_a_users_token_is_refused_before_the_input_is_read(
    registrar: Browser, verb: str
) -> None:
    error = await refused(registrar, f"event.actions.register.{verb}", {"nothing": "right"})
    assert told(error) == (403, "FORBIDDEN")


@latest
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
async def test_row_29_cores_own_token_is_for_the_country_alone(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    await registrar.declare(families.birth())
    claims = tokens.peek(country.last("DECLARE").token)
    assert claims["aud"] == ["opencrvs:countryconfig-user"]
    assert (claims["scope"], claims["userType"]) == ([], "system")
    assert not {"eventId", "actionId"} & set(claims)
