"""A country config written for the upstream mediator, re-enacted from its recorded requests, at our bridge.

Our mocks stand behind the bridge. Only host, token, ids and times are changed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from pytest_aiohttp.plugin import AiohttpServer

from bridge.app import Running
from mock_nid.app import Running as Nid
from scenarios.engine import Options
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.registrar import Registrar
from scenarios.story import Setup
from tests.foreign.recorded import Answer, Recorded, find, say, unlike
from tests.known import recording
from wire.world import Clock

CLIENT = "client->mosip-api"


class Country:
    """The country's own server: hands each registration on to the mediator, as recorded."""

    def __init__(self) -> None:
        self.mediator = ""
        self.phase = 0
        self.token = ""
        self.answers: list[Answer] = []
        self.url = ""

    async def open(self, aiohttp_server: AiohttpServer) -> None:
        app = web.Application()
        app.add_routes([web.post("/trigger/events/{event}/actions/{action}", self._on_trigger)])
        self.url = str((await aiohttp_server(app)).make_url(""))
        self.session = ClientSession()

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


@pytest.fixture
async def country(aiohttp_server: AiohttpServer) -> AsyncIterator[Country]:
    server = Country()
    await server.open(aiohttp_server)
    yield server
    await server.session.close()


@pytest.fixture
def stage_checks() -> str:
    """The mock's default, as in MOSIP; "none" as in OpenCRVS's mock of it."""
    return "mediator"


@pytest.fixture
def rehearsal_setup(country: Country, stage_checks: str) -> Setup:
    return Setup(mock_opencrvs={"country_config_url": country.url}, mock_nid={"stage_checks": stage_checks})


@pytest.fixture
def profile() -> str:
    """Override by `@pytest.mark.parametrize("profile", …)`, as `phase` below."""
    return "2.0"


@pytest.fixture
def rehearsal_options(profile: str) -> Options:
    return Options(profile=profile, seed=9)


@pytest.fixture
def phase() -> int:
    return 0


@pytest.fixture
async def birth(
    country: Country, phase: int, bridge: Running, registrar: Registrar, clock: Clock
) -> CivilRecord:
    """A birth that the country has handed on to the mediator."""
    country.phase, country.mediator = phase, bridge.mediator_url
    record = await registrar.declares_birth()
    await registrar.registers(record)
    await clock.settle()
    return record


@pytest.mark.parametrize("profile", ["1.9", "2.0"])
@pytest.mark.parametrize(("phase", "stage_checks"), [(0, "mediator"), (1, "none")])
async def test_a_recorded_registration_ends_registered(
    phase: int, country: Country, birth: CivilRecord, bridge: Running, nid: Nid, clock: Clock
) -> None:
    (answer,) = country.answers
    said = find("flow-birth", CLIENT, phase=phase)
    assert (answer.status, answer.body) == (202, b"{}")
    assert unlike(json.loads(answer.body), json.loads(said.response["body"])) == []
    assert await birth.is_waiting()

    await clock.advance(60)
    assert await birth.is_registered()
    assert await birth.number() == said.told["requestFields"]["birthCertificateNumber"]
    (registration,) = nid.registrations
    assert await birth.national_id() == registration.vid
    assert await bridge.pending() == []


@pytest.mark.parametrize("phase", [1])
async def test_placeholders_do_not_pass_mosips_own_stages(birth: CivilRecord, clock: Clock) -> None:
    """`@TODO` for values: the packet manager takes them, the processor's validator fails them (§3.5)."""
    assert await birth.is_waiting()
    await clock.advance(60)
    assert await birth.is_rejected()


@pytest.mark.usefixtures("birth")
async def test_the_recorded_fields_reach_the_id_system_as_they_are(nid: Nid) -> None:
    told = find("flow-birth", CLIENT, phase=0).told
    (registration,) = nid.registrations
    assert registration.packet.fields == told["requestFields"]
    (started,) = (e for e in nid.journal if e.operation == "packet.process")
    notified = json.loads(started.request)["request"]["notificationInfo"]
    # phone and e-mail are hidden in the journal
    assert notified["name"] == told["notification"]["recipientFullName"]


async def test_a_repeated_registration_is_answered_and_done_once(
    country: Country, birth: CivilRecord, nid: Nid, clock: Clock
) -> None:
    """The caller gives up after 15 s and is asked again; upstream then refuses for ever (§11.6 #8)."""
    said = find("flow-birth", CLIENT, phase=0)
    again = await country.say(said, said.body)
    assert again.status == 202
    await clock.advance(60)
    late = await country.say(said, said.body)
    assert late.status == 202
    await clock.advance(60)
    assert len(list(nid.registrations)) == 1
    rows = (await birth.document())["actions"]
    assert [a["status"] for a in rows if a["type"] == "REGISTER"] == ["Requested", "Accepted"]


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


@pytest.mark.usefixtures("birth")
async def test_recorded_verifications_have_the_recorded_outcome(country: Country) -> None:
    found, expected = {}, {}
    for number, phase in enumerate(recording("flow-verify")["phases"]):
        said = find("flow-verify", CLIENT, phase=number)
        answer = await country.say(said, said.body)
        text = answer.body.decode()
        if answer.status == 400:
            problem = json.loads(text)
            assert problem["error"] == "Invalid request"
            text = problem["detail"].partition(":")[0]
        found[phase["name"]] = (answer.status, text)
        expected[phase["name"]] = (said.response["status"], said.response["body"])
    assert found == expected | DIFFERENT
