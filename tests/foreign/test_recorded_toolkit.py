"""Every request that was recorded from OpenCRVS's toolkit client, said again to mock_opencrvs.

The three recorded versions of the toolkit (1.8.1, 1.9.15, 2.0.0) sent the same bytes. The recorded core was a
stub behind a real tRPC server: it had no event configuration, validated nothing but its input, and understood
both ways to name an event. Where our answers differ for that reason, the table says how.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pytest_aiohttp.plugin import AiohttpServer

from mock_opencrvs.app import start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from tests.foreign.recorded import Recorded, say, unlike
from tests.known import recording
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.profiles import Profile
from wire.world import World

CASES: dict[str, Any] = recording("toolkit-requests")["cases"]
EVENT, ACTION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
OTHER = "22222222-2222-4222-8222-222222222222"

Items = list[tuple[int, str]]
"""Of each answered item its HTTP status and how the error's message begins; a result is (200, "")."""

OLD, NEW = Profile.V1_9, Profile.V2_0
REQUIRED = (400, '[{"message":"Required","id":"')
WRONG_TYPE_4 = (400, '[\n  {\n    "expected": "object"')
WRONG_TYPE = (400, '[\n  {\n    "code": "invalid_type"')
DIFFERENT: dict[tuple[str, Profile], list[Items]] = {
    # the id itself is 1.9's way to name an event, the object 2.0's
    ("event.get (string id, 1.9 style)", NEW): [[WRONG_TYPE_4]],
    ("event.get (object, 2.0 style)", OLD): [[WRONG_TYPE]],
    ("batch: two queries in one tick", NEW): [[WRONG_TYPE_4] * 2],
    ("one query and one mutation in one tick (not batched together)", NEW): [
        [WRONG_TYPE_4],
        [(200, "")],
    ],
    ("input undefined (query without input)", NEW): [[WRONG_TYPE_4]],
    ("input undefined (query without input)", OLD): [[WRONG_TYPE]],
    # 2.0 speaks zod 4
    ("error: invalid input (eventId not a uuid)", NEW): [[(400, '[\n  {\n    "origin": "string"')]],
    # 1.9 registers what was validated, and its review page has fields that must be filled
    ("event.actions.register.request", OLD): [[REQUIRED]],
    # there is a form: an unknown field is core's 500; unknown keys are dropped and leave an empty declaration
    **{
        (case, profile): [[outcome]]
        for profile in (OLD, NEW)
        for case, outcome in {
            "event.actions.declare.request": (500, "Field with id child.age not found in event config"),
            "input with undefined, Date, null, NaN, Set, Map, BigInt, RegExp, nested": REQUIRED,
            # a middle name that is undefined is none: the name itself is right
            "input with dotted intermediate key (child.name.middlename undefined) and dotted leaf Date": (
                400,
                '[{"message":"Required","id":"child.gender"},{"message":"Invalid date field",',
            ),
            "input with the same object referenced twice and a plain Date": REQUIRED,
        }.items()
    },
}
"""(case, profile) -> what each of its requests is answered; the others are answered as recorded."""


def _items(body: bytes) -> Items:
    told = []
    for item in json.loads(body):
        error = item.get("error", {}).get("json")
        told.append((error["data"]["httpStatus"], error["message"]) if error else (200, ""))
    return told


Ready = Callable[[Profile, str], Awaitable[tuple[ClientSession, str, dict[str, str], str]]]


@pytest.fixture
async def ready(rehearsal_keys: Path, aiohttp_server: AiohttpServer) -> AsyncIterator[Ready]:
    """A record that waits (or, for `declare`, one that is only created), and the token to speak with."""
    closing: list[Any] = []

    async def prepare(profile: Profile, case: str) -> tuple[ClientSession, str, dict[str, str], str]:
        world, session = World.virtual(seed=21), ClientSession()
        country = await CountryServer().open(aiohttp_server)
        settings = Settings(
            gateway_port=0, auth_port=0, keys=rehearsal_keys, profile=profile, country_config_url=country.url
        )
        core = await start(settings, world)
        registrar = Browser(core.gateway_url, world, profile=profile)
        closing.extend((session, core, registrar))
        other = (await registrar.create("birth"))["id"]
        if "accept" in case or "reject" in case or "batch: " in case or "eventId not" in case:
            declared = await registrar.declare(Families(world).birth())
            country.will("REGISTER", 202)
            await registrar.register(declared.id)
            asked = country.last("REGISTER")
            ids = {EVENT: declared.id, ACTION: asked.action_id, OTHER: other}
            token = asked.token if "queries" not in case else str(registrar.token)
        elif "register.request" in case:
            declared = await registrar.declare(Families(world).birth())
            await registrar.assign(declared.id)
            ids, token = {EVENT: declared.id}, str(registrar.token)
        else:
            ids, token = {EVENT: (await registrar.create("birth"))["id"]}, str(registrar.token)
        return session, core.gateway_url, ids, token

    yield prepare
    for one in reversed(closing):
        await one.close()


@pytest.mark.parametrize("profile", [Profile.V1_9, Profile.V2_0])
@pytest.mark.parametrize("case", CASES)
async def test_every_recorded_request_is_answered(ready: Ready, profile: Profile, case: str) -> None:
    session, gateway, ids, token = await ready(profile, case)
    answers = []
    for exchange in CASES[case]["exchanges"]:
        said = Recorded(exchange["request"], exchange["response"])
        target, body = said.request["target"], said.body
        for old, new in ids.items():
            target, body = target.replace(old, new), body.replace(old, new)
        changed = Recorded({**said.request, "target": target}, said.response)
        answer = await say(session, gateway, changed, body, {"Authorization": f"Bearer {token}"})
        answers.append(answer)
        if (case, profile) not in DIFFERENT:
            assert answer.status == said.response["status"]
            assert _items(answer.body) == _items(said.response["body"].encode())
            assert _missing(answer.body, said.response["body"]) == []
        for name in ("content-type", "vary"):
            # the gateway adds to what the events service says (contract opencrvs §0.3, row 12)
            assert answer.headers[name].startswith(dict(said.response["headers"])[name])
    for answer, expected in zip(answers, DIFFERENT.get((case, profile), []), strict=False):
        found = _items(answer.body)
        assert len(found) == len(expected)
        for (got, message), (wanted, begins) in zip(found, expected, strict=True):
            assert (got, message[: len(begins)]) == (wanted, begins)


def _missing(body: bytes, told: str) -> list[str]:
    """What the recorded answer has and ours has not. The stub's records had the last acceptance at most."""
    missing: list[str] = []
    for ours, theirs in zip(json.loads(body), json.loads(told), strict=True):
        if "result" in theirs:
            event = ours["result"]["data"]["json"]
            accepted = [a for a in event["actions"] if (a["type"], a["status"]) == ("REGISTER", "Accepted")]
            ours["result"]["data"]["json"] = {**event, "actions": accepted}
        # a second acceptance of the same action changes nothing, where the stub wrote it down (§4.4)
        first_won = "result.data.json.actions.0.declaration.child.nid: str, not NoneType"
        missing += [one for one in unlike(ours, theirs) if not one.startswith("+") and one != first_won]
    return missing
