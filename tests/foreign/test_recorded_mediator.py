"""The upstream mediator, re-enacted from its recorded requests, between mock_opencrvs and mock_nid.

Only host, tokens, ids and times are changed. What our mocks answer has the recorded shape; where the contract
says that MOSIP answers otherwise than OpenCRVS's mock of it, the difference is written down here.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from pytest_aiohttp.plugin import AiohttpServer

from mock_nid import app as nid_app
from mock_nid.settings import Settings as NidSettings
from mock_opencrvs import app as opencrvs_app
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings as OpencrvsSettings
from testbed.browser import Browser
from tests.foreign.recorded import TIME, Answer, Recorded, find, say, unlike
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, sealing
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import declaration, registration_number, status
from wire.opencrvs.tokens import peek
from wire.world import World

FLOW, TO_NID, TO_US = "flow-birth", "mosip-api->mosip-mock", "mosip-mock->mosip-api"
TO_CORE, TO_AUTH = "mosip-api->opencrvs-gateway", "mosip-api->opencrvs-auth"
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CALLBACK = "http://localhost:32025/websub/callback"


class Mediator:
    """Says what `mosip-api` 1.9.2 said; notes in `differs` where the answers have another shape."""

    def __init__(self, world: World, keys: Path, phase: int) -> None:
        self.world, self.phase = world, phase
        self.partner = KeyFolder(keys)["partner"]
        self.session = ClientSession(cookie_jar=DummyCookieJar())
        self.nid = self.gateway = self.auth = ""
        self.differs: dict[str, list[str]] = {}
        self.statuses: dict[str, int] = {}
        self.intents: list[dict[str, str]] = []
        self.deliveries: list[dict[str, Any]] = []
        self.credentials: list[dict[str, Any]] = []
        self.packet_id = "10001" + world.chance.digits(10)
        self.token = ""
        self.url = ""

    async def open(self, aiohttp_server: AiohttpServer) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.post("/trigger/events/{event}/actions/{action}", self.on_trigger),
                web.get("/websub/callback", self.on_intent),
                web.post("/websub/callback", self.on_delivery),
                web.post("/websub/callback/", self.on_delivery),
            ]
        )
        self.url = str((await aiohttp_server(app)).make_url(""))

    # what it says

    async def log_in(self, said: Recorded) -> str:
        answer = await self.say("token", self.nid, said, said.body)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("Authorization=")
        return cookie.removeprefix("Authorization=").partition(";")[0]

    async def start(self) -> None:
        token = await self.log_in(find(FLOW, TO_NID, "clientidsecretkey"))
        said = find(FLOW, TO_NID, "/websub/hub")
        callback = quote(f"{self.url}/websub/callback", safe="")
        body = said.body.replace(quote(CALLBACK, safe=""), callback)
        headers = {"Authorization": token, "Cookie": f"Authorization={token}"}
        await self.say("subscribe", self.nid, said, body, headers)
        await self.world.clock.settle()

    async def on_trigger(self, request: web.Request) -> web.Response:
        """The country config and the mediator behind it, in one."""
        if request.match_info["action"] != "REGISTER":
            return web.json_response({})
        self.token = request.headers["Authorization"].removeprefix("Bearer ")
        known = await self.say("key", self.auth, find(FLOW, TO_AUTH, phase=0), "")
        assert known.body.startswith(b"-----BEGIN PUBLIC KEY-----")
        token = await self.log_in(find(FLOW, TO_NID, "clientidsecretkey", phase=self.phase))
        for name in ("createPacket", "workflowinstance"):
            said = find(FLOW, TO_NID, name, phase=self.phase)
            body = said.body.replace(self.recorded_packet_id, self.packet_id)
            await self.say(name, self.nid, said, body, {"Cookie": f"Authorization={token};"})
        return web.json_response({}, status=202)

    @property
    def recorded_packet_id(self) -> str:
        body = find(FLOW, TO_NID, "createPacket", phase=self.phase).told
        return str(body["request"]["id"])

    async def on_intent(self, request: web.Request) -> web.Response:
        self.intents.append(dict(request.query))
        return web.Response(text=request.query["hub.challenge"])

    async def on_delivery(self, request: web.Request) -> web.Response:
        """Open the credential and accept, as recorded; answer as recorded."""
        delivery = await request.json()
        self.deliveries.append({"path": request.path, "body": delivery, "headers": dict(request.headers)})
        told = find(FLOW, TO_US, "/websub/callback", phase=self.phase).request
        self.differs["delivery"] = unlike(delivery, json.loads(told["body"]))
        data = delivery["event"]["data"]
        plain = sealing.unseal(
            data["credential"], self.partner.private_key, self.partner.certificate, thumbprint="match_or_zero"
        )
        credential = credentials.decode(plain)
        self.credentials.append(credential)
        self.differs["credential"] = unlike(credential, told["decrypted"]["vc"])
        await self.accept(credential["credentialSubject"])
        said = find(FLOW, TO_US, "/websub/callback", phase=self.phase).response["body"]
        return web.Response(text=said, content_type="application/json")

    async def accept(self, subject: dict[str, Any]) -> None:
        claims = peek(self.token)
        said = find(FLOW, TO_CORE, phase=self.phase)
        (told,) = said.told.values()
        told = told["json"]
        body = said.body
        for old, new in (
            (told["eventId"], str(claims["eventId"])),
            (told["actionId"], str(claims["actionId"])),
            (told["transactionId"], f"mosip-interop-{self.world.chance.uuid()}"),
            (told["declaration"]["child.nid"], subject["VID"]),
        ):
            assert old in body
            body = body.replace(old, new)
        answer = await self.say("accept", self.gateway, said, body, {"Authorization": f"Bearer {self.token}"})
        self.differs["accept"] = _unlike_acceptance(answer, said)

    async def say(
        self, name: str, base: str, said: Recorded, body: str, headers: dict[str, str] | None = None
    ) -> Answer:
        body = TIME.sub(self.world.timestamp(), body)
        answer = await say(self.session, base, said, body, headers)
        self.statuses[name] = answer.status
        told = said.response["body"]
        if told.startswith(("{", "[")):
            self.differs[name] = unlike(json.loads(answer.body), json.loads(told))
        elif name != "key":
            text = answer.body.decode()
            self.differs[name] = [] if text == told else [f"{text}, not {told}"]
        return answer


def _unlike_acceptance(answer: Answer, said: Recorded) -> list[str]:
    """The recorded core was a stub with one action in its document: ours is compared with that one."""
    (item,), (told,) = json.loads(answer.body), json.loads(said.response["body"])
    event, known = item["result"]["data"]["json"], told["result"]["data"]["json"]
    (acceptance,) = (a for a in event["actions"] if (a["type"], a["status"]) == ("REGISTER", "Accepted"))
    differs = unlike({**event, "actions": [acceptance]}, known)
    return [one for one in differs if not one.startswith("+actions.0.created")]


Play = Callable[..., Awaitable[tuple[Mediator, Browser, str]]]


@pytest.fixture
async def play(rehearsal_keys: Path, aiohttp_server: AiohttpServer) -> AsyncIterator[Play]:
    """Start the two mocks and the mediator, register a birth, let the ID system work for a minute."""
    closing: list[Any] = []

    async def begin(profile: Profile, phase: int, **nid: Any) -> tuple[Mediator, Browser, str]:
        world = World.virtual(seed=3)
        mediator = Mediator(world, rehearsal_keys, phase)
        await mediator.open(aiohttp_server)
        closing.append(mediator.session)
        running = await nid_app.start(
            NidSettings(port=0, esignet_port=0, keys=rehearsal_keys, seed=5, **nid), world
        )
        closing.append(running)
        settings = OpencrvsSettings(
            gateway_port=0,
            auth_port=0,
            keys=rehearsal_keys,
            profile=profile,
            country_config_url=mediator.url,
        )
        core = await opencrvs_app.start(settings, world)
        closing.append(core)
        mediator.nid, mediator.gateway, mediator.auth = running.url, core.gateway_url, core.auth_url
        await mediator.start()
        registrar = Browser(core.gateway_url, world, profile=profile)
        closing.append(registrar)
        record = await registrar.declare(Families(world).birth())
        await registrar.register(record.id)
        await world.clock.advance(60)
        return mediator, registrar, record.id

    yield begin
    for one in reversed(closing):
        await one.close()


NONE = {
    name: []
    for name in ("token", "subscribe", "createPacket", "workflowinstance", "delivery", "credential", "accept")
}
MOSIP_TELLS_MORE = ["+event.dataShareUri"]
"""Stock MOSIP writes a data share link, or null, beside an inline credential (contract mosip §4.5, §5.1)."""


def _taken_by_upstream(delivery: dict[str, Any], credential: dict[str, Any], nid: str) -> None:
    """The mediator's schemas for the callback and the credential (contract mosip §11.2)."""
    event = delivery["event"]
    assert delivery["topic"] == "CREDENTIAL_ISSUED"
    for moment in (delivery["publishedOn"], event["timestamp"], credential["issuanceDate"]):
        assert ISO.fullmatch(moment)
    assert ISO.fullmatch(credential["proof"]["created"])
    assert (
        str(UUID(event["id"])) == event["id"] and str(UUID(event["transactionId"])) == event["transactionId"]
    )
    assert event["data"]["credentialType"] == "vercred"
    assert isinstance(event["data"]["protectionKey"], str)
    assert credential["type"] == ["VerifiableCredential", "MOSIPVerifiableCredential"]
    assert credential["@context"] == [
        "https://www.w3.org/2018/credentials/v1",
        f"{nid}/.well-known/mosip-context.json",
        {"sec": "https://w3id.org/security#"},
    ]
    subject = credential["credentialSubject"]
    assert set(subject) == {"birthCertificateNumber", "VID", "id", "vcVer"}
    assert subject["vcVer"] == "VC-V1"
    for url in (
        subject["id"],
        credential["id"],
        credential["issuer"],
        credential["proof"]["verificationMethod"],
    ):
        assert url.startswith("http://")


async def _registered(mediator: Mediator, registrar: Browser, record: str) -> None:
    """The record took the number and the VID, once, and nothing waits."""
    said = find(FLOW, TO_NID, "createPacket", phase=mediator.phase).told["request"]
    event = await registrar.get(record)
    assert status(event) == "REGISTERED"
    assert registration_number(event) == said["fields"]["birthCertificateNumber"]
    (credential,) = mediator.credentials
    vid = credential["credentialSubject"]["VID"]
    assert declaration(event, profile=registrar.profile)["child.nid"] == vid
    assert not await registrar.in_queue(record, "in-external-validation")


@pytest.mark.parametrize("profile", [Profile.V1_9, Profile.V2_0])
@pytest.mark.parametrize("phase", [0, 1])
async def test_with_the_mock_in_upstreams_style_all_is_as_recorded(
    play: Play, profile: Profile, phase: int
) -> None:
    mediator, registrar, record = await play(profile, phase, style="upstream-mock")
    assert mediator.differs == NONE
    assert mediator.statuses == dict.fromkeys(mediator.statuses, 200)
    assert [set(intent) for intent in mediator.intents] == [{"hub.challenge"}]
    (delivery,) = mediator.deliveries
    assert delivery["path"] == "/websub/callback"
    assert "X-Hub-Signature" not in delivery["headers"]
    _taken_by_upstream(delivery["body"], mediator.credentials[0], mediator.nid)
    await _registered(mediator, registrar, record)


@pytest.mark.parametrize("profile", [Profile.V1_9, Profile.V2_0])
@pytest.mark.parametrize(("phase", "settings"), [(0, {}), (1, {"stage_checks": "none"})])
async def test_with_the_mock_in_mosips_style_the_mediator_works_unchanged(
    play: Play, profile: Profile, phase: int, settings: dict[str, Any]
) -> None:
    # its example environment listens on the plain topic, where stock MOSIP is silent
    mediator, registrar, record = await play(profile, phase, credential_topic="plain", **settings)
    assert mediator.differs == NONE | {
        "subscribe": ["hub.mode=accepted, not Subscribed successfully."],
        "delivery": MOSIP_TELLS_MORE,
    }
    assert mediator.statuses == dict.fromkeys(mediator.statuses, 200) | {"subscribe": 202}
    (intent,) = mediator.intents
    assert (intent["hub.mode"], intent["hub.topic"]) == ("subscribe", "CREDENTIAL_ISSUED")
    (delivery,) = mediator.deliveries
    assert delivery["path"] == "/websub/callback/"
    assert delivery["headers"]["X-Hub-Signature"].startswith("sha256=")
    _taken_by_upstream(delivery["body"], mediator.credentials[0], mediator.nid)
    await _registered(mediator, registrar, record)


@pytest.mark.parametrize("settings", [{}, {"stage_checks": "stock"}])
async def test_placeholders_do_not_pass_mosips_own_stages(play: Play, settings: dict[str, Any]) -> None:
    """`@TODO` for values: the packet manager takes them, the processor's validator fails them (§3.5)."""
    mediator, registrar, record = await play(Profile.V2_0, 1, **settings)
    assert mediator.statuses["createPacket"] == mediator.statuses["workflowinstance"] == 200
    assert mediator.deliveries == []
    assert await registrar.in_queue(record, "in-external-validation")
