"""Registrations end to end: the mediator's API in, packet, delivery and acceptance out; and `/verify`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from bench.country import Country
from bench.load import Measured, measure
from bench.processes import Process, process
from testbed.serving import free_port
from wire.keyfolder import KeyFolder
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import record_claims, sign, user_claims
from wire.world import World

AMARA = {
    "nid": "4238670978",
    "dob": "1991-02-28",
    "name": {"firstname": "Amara", "surname": "Okonjo"},
    "gender": "female",
}
"""One of the ID system's well-known people."""


@dataclass
class Systems:
    """The three parts: stand-in country (in this process), ID system and bridge as processes."""

    country: Country
    nid: Process
    bridge: Process
    mediator: str
    session: ClientSession
    world: World


@asynccontextmanager
async def systems(folder: Path, world: World, in_flight: int) -> AsyncIterator[Systems]:
    keys = folder / "keys"
    country = Country(KeyFolder(keys).ensure()["opencrvs-auth"].private_key)
    await country.start()
    nid_port, mediator_port, trigger_port = free_port(), free_port(), free_port()
    nid_url, mediator = f"http://127.0.0.1:{nid_port}", f"http://127.0.0.1:{mediator_port}"
    nid_settings = {
        "MOCK_NID_PORT": str(nid_port),
        "MOCK_NID_ESIGNET_PORT": "0",
        "MOCK_NID_PROCESSING_SECONDS": "0",
        "MOCK_NID_KEYS": str(keys),
        "MOCK_NID_DEMO_DEDUPE": "false",
        # with one consumer a country's whole day goes through one delivery at a time
        "MOCK_NID_HUB_CONSUMERS": "8",
    }
    bridge_settings = {
        "PORT": str(mediator_port),
        "BRIDGE_TRIGGER_PORT": str(trigger_port),
        "BRIDGE_DATABASE_URL": f"sqlite:///{folder / 'bridge.sqlite'}",
        "REHEARSAL_KEYS": str(keys),
        "MOSIP_URL": nid_url,
        "OPENCRVS_GATEWAY_URL": country.url,
        "OPENCRVS_PUBLIC_KEY_URL": f"{country.url}/.well-known",
        "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{nid_url}/.well-known/public-key.json",
        "BRIDGE_LOG_LEVEL": "warning",
    }
    async with (
        process("mock_nid", nid_settings, f"{nid_url}/openapi.yaml", folder, world) as nid,
        process("bridge", bridge_settings, f"{mediator}/ready", folder, world) as bridge,
        ClientSession(connector=TCPConnector(limit=in_flight), timeout=ClientTimeout(total=None)) as session,
    ):
        yield Systems(country, nid, bridge, mediator, session, world)
    await country.close()


async def registrations(parts: Systems, count: int, in_flight: int, warm_up: int) -> Measured:
    """From the POST of a registration until OpenCRVS has its acceptance, `in_flight` of them at once."""
    asked = [_asked(parts, number) for number in range(count + warm_up)]

    async def register(number: int) -> None:
        event_id, token, body = asked[number]
        accepted = parts.country.expect(event_id)
        headers = {"Authorization": f"Bearer {token}"}
        async with parts.session.post(
            f"{parts.mediator}/events/registration", json=body, headers=headers
        ) as answer:
            if answer.status != 202:
                raise RuntimeError(f"registration {number}: HTTP {answer.status}: {await answer.text()}")
        async with parts.world.clock.timeout(120):
            await accepted

    return await measure(register, count, in_flight, warm_up)


async def verifications(parts: Systems, count: int, in_flight: int, warm_up: int) -> Measured:
    """POST /verify of a person who matches."""
    _, token, _ = _asked(parts, 0)
    headers = {"Authorization": f"Bearer {token}"}

    async def verify(number: int) -> None:
        async with parts.session.post(f"{parts.mediator}/verify", json=AMARA, headers=headers) as answer:
            if await answer.text() != "verified":
                raise RuntimeError(f"verification {number}: HTTP {answer.status}: {await answer.text()}")

    return await measure(verify, count, in_flight, warm_up)


def _asked(parts: Systems, number: int) -> tuple[str, str, dict[str, object]]:
    """(event id, record token, body) of one registration, as a country config sends it."""
    chance, now = parts.world.chance, parts.world.clock.now()
    event_id = str(UUID(int=number + 1, version=4))
    action_id = chance.uuid()
    subject = user_claims(Profile.V2_0, subject=chance.uuid(), role="LOCAL_REGISTRAR", scopes=[], now=now)
    token = sign(
        record_claims(Profile.V2_0, subject, event_id=event_id, action_id=action_id, now=now),
        parts.country.key,
    )
    certificate = f"2026B{number:07d}"
    stamp = parts.world.timestamp()
    body: dict[str, object] = {
        "trackingId": f"{number:06d}",
        "notification": {
            "recipientFullName": "Grace Mulenga",
            "recipientEmail": "g@example.org",
            "recipientPhone": "0911111111",
        },
        "requestFields": {
            "birthCertificateNumber": certificate,
            "IDSchemaVersion": "0.1",
            "fullName": '[{"language":"eng","value":"Chanda Mulenga"}]',
            "dateOfBirth": now.strftime("%Y/%m/%d"),
            "gender": '[{"language":"eng","value":"Female"}]',
            "guardianOrParentName": '[{"language":"eng","value":"Grace Mulenga"}]',
            **dict.fromkeys(
                ("addressLine1", "region", "province", "city", "zone"),
                '[{"language":"eng","value":"Ibombo"}]',
            ),
        },
        "metaInfo": {
            "metaData": '[{"label":"centerId","value":"10001"},{"label":"machineId","value":"10004"}]',
            "registrationId": certificate,
            "operationsData": '[{"label":"officerId","value":"crvs_officer"}]',
            "capturedRegisteredDevices": "[]",
            "creationDate": stamp,
        },
        "audit": {
            "uuid": chance.uuid(),
            "createdAt": stamp,
            "eventId": "OPENCRVS",
            "eventName": "registration",
        },
    }
    return event_id, token, body
