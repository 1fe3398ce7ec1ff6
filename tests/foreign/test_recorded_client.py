"""A country config written for the upstream mediator, re-enacted from its recorded requests, at our bridge.

Our mocks stand behind the bridge. Only host, token, ids and times are changed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from mock_opencrvs.families import Families
from mock_opencrvs.registrar import Registrar
from scenarios.library import Setup
from scenarios.servers import Ports, Servers, start
from testbed.serving import Listening, listen
from tests.foreign.recorded import Answer, Recorded, find, say, unlike
from tests.shared import recording
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import declaration, registration_number, status
from wire.world import World

CLIENT = "client->mosip-api"


class Country:
    """The country's own server: hands each registration on to the mediator, as recorded."""

    def __init__(self) -> None:
        self.mediator = ""
        self.phase = 0
        self.token = ""
        self.answers: list[Answer] = []
        self.listening: Listening

    async def open(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/trigger/events/{event}/actions/{action}", self._on_trigger)])
        self.listening = await listen(app, "127.0.0.1", 0, "-")
        self.session = ClientSession()

    async def close(self) -> None:
        await self.listening.close()
        await self.session.close()

    async def _on_trigger(self, request: web.Request) -> web.Response:
        if request.match_info["action"] != "REGISTER":
            return web.json_response({})
        self.token = request.headers["Authorization"]
        said = find("flow-birth", CLIENT, phase=self.phase)
        answer = await self.say(said, said.body)
        return web.json_response({}, status=202 if answer.status == 202 else 500)

    async def say(self, said: Recorded, body: str) -> Answer:
        """The recorded request with the token of the latest trigger."""
        answer = await say(self.session, self.mediator, said, body, {"Authorization": self.token})
        self.answers.append(answer)
        return answer


@dataclass
class Stage:
    """All of them, on one virtual clock."""

    world: World
    servers: Servers
    country: Country
    registrar: Registrar
    families: Families = field(init=False)

    def __post_init__(self) -> None:
        self.families = Families(self.world)

    async def register(self, phase: int) -> str:
        self.country.phase = phase
        record = await self.registrar.declare(self.families.birth())
        await self.registrar.register(record.id)
        await self.world.clock.settle()
        return record.id


Open = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def stage(rehearsal_keys: Path, tmp_path: Path) -> AsyncIterator[Open]:
    closing: list[Any] = []

    async def begin(profile: str = "2.0", **setup: Any) -> Stage:
        world, country = World.virtual(seed=9), Country()
        await country.open()
        closing.append(country)
        servers = await start(
            Setup(**setup),
            world,
            profile=profile,
            folder=tmp_path,
            keys=rehearsal_keys,
            ports=Ports(),
            trigger_url=country.listening.url,
        )
        closing.append(servers)
        country.mediator = servers.mediator_url
        await world.clock.settle()
        registrar = Registrar(servers.opencrvs.gateway_url, world, profile=Profile(profile))
        closing.append(registrar)
        return Stage(world, servers, country, registrar)

    yield begin
    for one in reversed(closing):
        await one.close()


@pytest.mark.parametrize("profile", ["1.9", "2.0"])
@pytest.mark.parametrize("phase", [0, 1])
async def test_a_recorded_registration_ends_registered(stage: Open, profile: str, phase: int) -> None:
    one = await stage(profile)
    record = await one.register(phase)

    (answer,) = one.country.answers
    said = find("flow-birth", CLIENT, phase=phase)
    assert (answer.status, answer.body) == (202, b"{}")
    assert unlike(json.loads(answer.body), json.loads(said.response["body"])) == []
    assert await one.registrar.in_queue(record, "in-external-validation")

    await one.world.clock.advance(60)
    event = await one.registrar.get(record)
    assert status(event) == "REGISTERED"
    assert registration_number(event) == said.request["body_json"]["requestFields"]["birthCertificateNumber"]
    (registration,) = one.servers.nid.registrations
    assert declaration(event, profile=Profile(profile))["child.nid"] == registration.vid
    assert one.servers.bridge is not None and await one.servers.bridge.pending() == []


async def test_the_recorded_fields_reach_the_id_system_as_they_are(stage: Open) -> None:
    one = await stage()
    await one.register(0)
    told = find("flow-birth", CLIENT, phase=0).request["body_json"]
    (registration,) = one.servers.nid.registrations
    assert registration.packet.fields == told["requestFields"]
    (started,) = (e for e in one.servers.nid.journal if e.operation == "packet.process")
    notified = json.loads(started.request)["request"]["notificationInfo"]
    # phone and e-mail are hidden in the journal
    assert notified["name"] == told["notification"]["recipientFullName"]


async def test_a_repeated_registration_is_answered_and_done_once(stage: Open) -> None:
    """The caller gives up after 15 s and is asked again; upstream then refuses for ever (§11.6 #8)."""
    one = await stage()
    record = await one.register(0)
    said = find("flow-birth", CLIENT, phase=0)
    again = await one.country.say(said, said.body)
    assert again.status == 202
    await one.world.clock.advance(60)
    late = await one.country.say(said, said.body)
    assert late.status == 202
    await one.world.clock.advance(60)
    assert len(list(one.servers.nid.registrations)) == 1
    event = await one.registrar.get(record)
    assert [a["status"] for a in event["actions"] if a["type"] == "REGISTER"] == ["Requested", "Accepted"]


DIFFERENT = {
    "verify: match with middlename supplied": (200, "failed"),
    "verify: no nid": (400, "nid"),
    "verify: dob wrong format": (400, "dob"),
    "verify: dob impossible date": (400, "dob"),
    "verify: no name": (400, "name"),
    "verify: name with missing surname": (200, "failed"),
    "verify: gender null": (200, "verified"),
    "verify: nid as number": (400, "nid"),
}
"""Where the bridge answers otherwise than the recorded mediator.

It asks with the middle name too (contract mosip §11.6 #26); a missing surname or a gender of null is no
error; a body that cannot be right is a 400 that names the field, where the mediator says 500 and no more.
"""


async def test_recorded_verifications_have_the_recorded_outcome(stage: Open) -> None:
    one = await stage()
    await one.register(0)
    found, expected = {}, {}
    for number, phase in enumerate(recording("flow-verify")["phases"]):
        said = find("flow-verify", CLIENT, phase=number)
        answer = await one.country.say(said, said.body)
        text = answer.body.decode()
        if answer.status == 400:
            problem = json.loads(text)
            assert problem["error"] == "Invalid request"
            text = problem["detail"].partition(":")[0]
        found[phase["name"]] = (answer.status, text)
        expected[phase["name"]] = (said.response["status"], said.response["body"])
    assert found == expected | DIFFERENT
