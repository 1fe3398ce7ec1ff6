"""What OpenCRVS's own mock of MOSIP delivers, at our bridge: taken when the leniencies are on, else refused.

Recorded: no signature of the hub, proof over JCS, thumbprint of zeros, topic without the partner's name.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from mock_opencrvs.families import Families
from mock_opencrvs.registrar import Registrar
from scenarios.library import Setup
from scenarios.servers import ISSUER, Ports, Servers, start
from tests.foreign.recorded import TIME, Answer, find, say, unlike
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, hub, proofs, sealing
from wire.opencrvs.state import declaration, registration_number, status
from wire.world import World

DELIVERY = find("flow-birth", "mosip-mock->mosip-api", "/websub/callback", phase=0)
LENIENT = {
    "allow_unsigned": True,
    "allow_jcs": True,
    "allow_zero_thumbprint": True,
    "allow_plain_topic": True,
}


@dataclass
class Stage:
    """A bridge that waits for the ID system's word about one birth, and the upstream mock's voice."""

    world: World
    keys: KeyFolder
    servers: Servers
    registrar: Registrar
    session: ClientSession
    record: str = ""

    async def register(self, event_type: str = "birth") -> None:
        families = Families(self.world)
        family = families.birth() if event_type == "birth" else families.death()
        self.record = (await self.registrar.declare(family)).id
        await self.registrar.register(self.record)
        await self.world.clock.settle()

    async def waiting(self) -> bool:
        return await self.registrar.in_queue(self.record, "in-external-validation")

    async def said(self, *, issuer: str = ISSUER, **subject: Any) -> str:
        """The recorded delivery about our registration: ids, times, host changed; sealed for our partner."""
        assert self.servers.bridge is not None
        (registration,) = await self.servers.bridge.pending()
        told = DELIVERY.request["decrypted"]["vc"]
        document = json.loads(json.dumps(told).replace("http://localhost:20240", issuer))
        document["credentialSubject"] |= {
            "id": document["credentialSubject"]["id"].rpartition("/")[0] + f"/{registration.packet_id}",
            "birthCertificateNumber": registration.number,
            **subject,
        }
        signed = proofs.sign_jcs(
            document,
            self.keys["credential-issuer"].private_key,
            verification_method=document["proof"]["verificationMethod"],
            now=self.world.clock.now(),
        )
        assert unlike(signed, told) == []
        sealed = sealing.seal(
            credentials.encode(signed),
            self.keys["partner"].certificate,
            self.world.chance,
            alphabet="base64",
            thumbprint=False,
        )
        body = json.loads(TIME.sub(self.world.timestamp(), DELIVERY.body))
        body["event"]["data"] |= {"registrationId": registration.packet_id, "credential": sealed}
        assert unlike(body, json.loads(DELIVERY.body)) == []
        return json.dumps(body, separators=(",", ":"))

    async def deliver(self, body: str, headers: dict[str, str] | None = None) -> Answer:
        answer = await say(self.session, self.servers.mediator_url, DELIVERY, body, headers)
        await self.world.clock.settle()
        return answer


Open = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def stage(rehearsal_keys: Path, tmp_path: Path) -> AsyncIterator[Open]:
    closing: list[Any] = []

    async def begin(bridge: dict[str, Any], **nid: Any) -> Stage:
        world = World.virtual(seed=13)
        setup = Setup(bridge=bridge, mock_nid={"default_plan": "stall", **nid})
        servers = await start(
            setup, world, profile="2.0", folder=tmp_path, keys=rehearsal_keys, ports=Ports()
        )
        closing.append(servers)
        await world.clock.settle()
        registrar, session = Registrar(servers.opencrvs.gateway_url, world), ClientSession()
        closing.extend((registrar, session))
        return Stage(world, KeyFolder(rehearsal_keys), servers, registrar, session)

    yield begin
    for one in reversed(closing):
        await one.close()


async def test_the_recorded_delivery_is_taken_with_all_leniencies(stage: Open) -> None:
    one = await stage(LENIENT)
    await one.register()
    assert await one.waiting()

    answer = await one.deliver(await one.said())

    assert answer.status == 200
    event = await one.registrar.get(one.record)
    assert status(event) == "REGISTERED"
    told = DELIVERY.request["decrypted"]["vc"]["credentialSubject"]
    assert declaration(event)["child.nid"] == told["VID"]
    assert str(registration_number(event)).endswith(event["trackingId"])
    assert not await one.waiting()


@pytest.mark.parametrize(
    ("off", "status_code", "why"),
    [
        ("allow_unsigned", 401, "Invalid X-Hub-Signature"),
        ("allow_jcs", 422, "the proof does not hold"),
        ("allow_zero_thumbprint", 422, "the seal is broken"),
        ("allow_plain_topic", 400, "Another topic"),
    ],
)
async def test_each_leniency_is_needed(stage: Open, off: str, status_code: int, why: str) -> None:
    one = await stage(LENIENT | {off: False})
    await one.register()
    body = await one.said()

    answer = await one.deliver(body)

    assert answer.status == status_code
    assert why in answer.body.decode()
    assert await one.waiting()
    assert one.servers.bridge is not None and len(await one.servers.bridge.pending()) == 1


async def test_without_leniencies_it_is_refused_and_changes_nothing(stage: Open) -> None:
    one = await stage({})
    await one.register()
    before = await one.registrar.row(one.record)
    body = await one.said()
    signed = {hub.SIGNATURE_HEADER: hub.signature("mosip-websub-secret", body.encode())}
    for headers in ({}, signed):
        assert (await one.deliver(body, headers)).status in (400, 401)
    assert await one.registrar.row(one.record) == before


async def test_leniency_does_not_mean_belief(stage: Open) -> None:
    """Another registration's number, a subject of another packet, another issuer, another partner's seal:
    refused all the same, each for its own reason.
    """
    one = await stage(LENIENT)
    await one.register()
    sealed_for_upstream = json.loads(await one.said())
    recorded = json.loads(DELIVERY.body)["event"]["data"]["credential"]
    sealed_for_upstream["event"]["data"]["credential"] = recorded
    for body, why in (
        (await one.said(birthCertificateNumber="2026BOTHER1"), "another registration"),
        (await one.said(id="http://credential.idrepo/credentials/100010000000000"), "another registration"),
        (await one.said(issuer="https://alien.example"), "a key that is not allowed"),
        (json.dumps(sealed_for_upstream), "the seal is broken"),
    ):
        answer = await one.deliver(body)
        assert (answer.status, why in answer.body.decode()) == (422, True), answer.body
    assert await one.waiting()


UPSTREAM_ENVIRONMENT = {"topic": "CREDENTIAL_ISSUED", "packet_source": "OPENCRVS"}
"""What the mediator's example environment says otherwise than our defaults."""


@pytest.mark.parametrize("event_type", ["birth", "death"])
async def test_the_bridge_works_with_a_mock_in_upstreams_style(stage: Open, event_type: str) -> None:
    """The whole way: constant token, a hub that answers 200 and asks with a bare challenge, delivery."""
    lenient = LENIENT | UPSTREAM_ENVIRONMENT | {"allow_death_credential": True, "workflow_topic": ""}
    one = await stage(lenient, style="upstream-mock", default_plan="issue")
    await one.register(event_type)
    assert await one.waiting()

    await one.world.clock.advance(60)

    event = await one.registrar.get(one.record)
    assert status(event) == "REGISTERED"
    assert ("child.nid" in declaration(event)) == (event_type == "birth")
    assert not await one.waiting()
    assert one.servers.bridge is not None and await one.servers.bridge.pending() == []


async def test_a_strict_bridge_refuses_the_mock_in_upstreams_style(stage: Open) -> None:
    one = await stage(UPSTREAM_ENVIRONMENT, style="upstream-mock", default_plan="issue")
    await one.register()
    await one.world.clock.advance(60)
    assert await one.waiting()
    # it does not even confirm a challenge that names no topic
    assert one.servers.bridge is not None
    assert one.servers.bridge.subscriptions.alive["CREDENTIAL_ISSUED"] is None
