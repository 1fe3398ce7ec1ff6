"""What OpenCRVS's own mock of MOSIP delivers, at our bridge: taken when the leniencies are on, else refused.

Recorded: no signature of the hub, proof over JCS, thumbprint of zeros, topic without the partner's name.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.app import Running
from bridge.registration import Registration
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.stage import Stage
from scenarios.story import Setup
from tests.foreign.recorded import TIME, Answer, find, say, unlike
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, hub, proofs, sealing

DELIVERY = find("flow-birth", "mosip-mock->mosip-api", "/websub/callback", phase=0)
LENIENT = {
    "allow_unsigned": True,
    "allow_jcs": True,
    "allow_zero_thumbprint": True,
    "allow_plain_topic": True,
}


@dataclass
class Upstream:
    """The upstream mock's voice, at a bridge that waits for the ID system's word about one birth."""

    stage: Stage
    keys: KeyFolder
    session: ClientSession

    async def said(self, *, issuer: str | None = None, **subject: Any) -> str:
        """The recorded delivery about our registration: ids, times, host changed; sealed for our partner."""
        (registration,) = await pending(self.stage)
        told = DELIVERY.request["decrypted"]["vc"]
        document = json.loads(
            json.dumps(told).replace("http://localhost:20240", issuer or self.stage.servers.nid.url)
        )
        document["credentialSubject"] |= {
            "id": document["credentialSubject"]["id"].rpartition("/")[0] + f"/{registration.packet_id}",
            "birthCertificateNumber": registration.number,
            **subject,
        }
        signed = proofs.sign_jcs(
            document,
            self.keys["credential-issuer"].private_key,
            verification_method=document["proof"]["verificationMethod"],
            now=self.stage.world.clock.now(),
        )
        assert unlike(signed, told) == []
        sealed = sealing.seal(
            credentials.encode(signed),
            self.keys["partner"].certificate,
            self.stage.world.chance,
            alphabet="base64",
            thumbprint=False,
        )
        body = json.loads(TIME.sub(self.stage.world.timestamp(), DELIVERY.body))
        body["event"]["data"] |= {"registrationId": registration.packet_id, "credential": sealed}
        assert unlike(body, json.loads(DELIVERY.body)) == []
        return json.dumps(body, separators=(",", ":"))

    async def deliver(self, body: str, headers: dict[str, str] | None = None) -> Answer:
        answer = await say(self.session, self.stage.servers.mediator_url, DELIVERY, body, headers)
        await self.stage.world.clock.settle()
        return answer


async def pending(stage: Stage) -> list[Registration]:
    """What the bridge has not finished."""
    assert isinstance(stage.servers.bridge, Running)
    return await stage.servers.bridge.pending()


async def asked_for(stage: Stage, event_type: str = "birth") -> CivilRecord:
    """A record whose registration the bridge was asked for."""
    who = stage.registrar
    record = await (who.declares_birth() if event_type == "birth" else who.declares_death(stage.known_person))
    await who.registers(record)
    await stage.world.clock.settle()
    return record


@pytest.fixture
def bridge_settings() -> dict[str, Any]:
    """Override by `@pytest.mark.parametrize("bridge_settings", …)`, as `nid_settings` below."""
    return LENIENT


@pytest.fixture
def nid_settings() -> dict[str, Any]:
    return {"default_plan": "stall"}


@pytest.fixture
def rehearsal_setup(bridge_settings: dict[str, Any], nid_settings: dict[str, Any]) -> Setup:
    return Setup(bridge=bridge_settings, mock_nid=nid_settings)


@pytest.fixture
async def upstream(rehearsal: Stage, rehearsal_keys: Path) -> AsyncIterator[Upstream]:
    await rehearsal.world.clock.settle()
    async with ClientSession() as session:
        yield Upstream(rehearsal, KeyFolder(rehearsal_keys), session)


@pytest.fixture
async def birth(upstream: Upstream) -> CivilRecord:
    return await asked_for(upstream.stage)


async def test_the_recorded_delivery_is_taken_with_all_leniencies(
    upstream: Upstream, birth: CivilRecord
) -> None:
    assert await birth.is_waiting()

    answer = await upstream.deliver(await upstream.said())

    assert answer.status == 200
    assert await birth.is_registered()
    told = DELIVERY.request["decrypted"]["vc"]["credentialSubject"]
    assert await birth.national_id() == told["VID"]
    assert str(await birth.number()).endswith(birth.tracking_id)
    assert not await birth.is_waiting()


@pytest.mark.parametrize(
    ("bridge_settings", "status_code", "why"),
    [
        (LENIENT | {off: False}, status_code, why)
        for off, status_code, why in (
            ("allow_unsigned", 401, "Invalid X-Hub-Signature"),
            ("allow_jcs", 422, "the proof does not hold"),
            ("allow_zero_thumbprint", 422, "the seal is broken"),
            ("allow_plain_topic", 400, "Another topic"),
        )
    ],
    ids=LENIENT,
)
async def test_each_leniency_is_needed(
    upstream: Upstream, birth: CivilRecord, status_code: int, why: str
) -> None:
    answer = await upstream.deliver(await upstream.said())

    assert answer.status == status_code
    assert why in answer.body.decode()
    assert await birth.is_waiting()
    assert len(await pending(upstream.stage)) == 1


@pytest.mark.parametrize("bridge_settings", [{}], ids=["strict"])
async def test_without_leniencies_it_is_refused_and_changes_nothing(
    upstream: Upstream, birth: CivilRecord
) -> None:
    before = await birth.document()
    body = await upstream.said()
    signed = {hub.SIGNATURE_HEADER: hub.signature("mosip-websub-secret", body.encode())}
    for headers in ({}, signed):
        assert (await upstream.deliver(body, headers)).status in (400, 401)
    assert await birth.document() == before


async def test_leniency_does_not_mean_belief(upstream: Upstream, birth: CivilRecord) -> None:
    """Another registration's number, a subject of another packet, another issuer, another partner's seal:
    refused all the same, each for its own reason.
    """
    sealed_for_upstream = json.loads(await upstream.said())
    recorded = json.loads(DELIVERY.body)["event"]["data"]["credential"]
    sealed_for_upstream["event"]["data"]["credential"] = recorded
    foreign_subject = "http://credential.idrepo/credentials/100010000000000"
    for body, why in (
        (await upstream.said(birthCertificateNumber="2026BOTHER1"), "another registration"),
        (await upstream.said(id=foreign_subject), "another registration"),
        (await upstream.said(issuer="https://alien.example"), "a key that is not allowed"),
        (json.dumps(sealed_for_upstream), "the seal is broken"),
    ):
        answer = await upstream.deliver(body)
        assert (answer.status, why in answer.body.decode()) == (422, True), answer.body
    assert await birth.is_waiting()


UPSTREAM_ENVIRONMENT = {"topic": "CREDENTIAL_ISSUED", "packet_source": "OPENCRVS"}
"""What the mediator's example environment says otherwise than our defaults."""

UPSTREAM_STYLE = {"style": "upstream-mock", "default_plan": "issue"}
DEATHS_TOO = LENIENT | UPSTREAM_ENVIRONMENT | {"allow_death_credential": True, "workflow_topic": ""}


@pytest.mark.parametrize(
    ("bridge_settings", "nid_settings"), [(DEATHS_TOO, UPSTREAM_STYLE)], ids=["upstream's style"]
)
@pytest.mark.parametrize("event_type", ["birth", "death"])
async def test_the_bridge_works_with_a_mock_in_upstreams_style(rehearsal: Stage, event_type: str) -> None:
    """The whole way: constant token, a hub that answers 200 and asks with a bare challenge, delivery."""
    await rehearsal.world.clock.settle()
    record = await asked_for(rehearsal, event_type)
    assert await record.is_waiting()

    await rehearsal.world.clock.advance(60)

    assert await record.is_registered()
    assert ("child.nid" in await record.values()) == (event_type == "birth")
    assert not await record.is_waiting()
    assert await pending(rehearsal) == []


@pytest.mark.parametrize(
    ("bridge_settings", "nid_settings"), [(UPSTREAM_ENVIRONMENT, UPSTREAM_STYLE)], ids=["strict"]
)
async def test_a_strict_bridge_refuses_the_mock_in_upstreams_style(rehearsal: Stage) -> None:
    record = await asked_for(rehearsal)
    await rehearsal.world.clock.advance(60)
    assert await record.is_waiting()
    # it does not even confirm a challenge that names no topic
    assert isinstance(rehearsal.servers.bridge, Running)
    assert rehearsal.servers.bridge.nid.subscriptions.alive["CREDENTIAL_ISSUED"] is None
