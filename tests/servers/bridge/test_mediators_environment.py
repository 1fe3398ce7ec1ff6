"""The mediator's environment and nothing else, in a process of its own: a birth and a log-in at eSignet
complete (names: contract mosip §11.3, `constants.ts` of opencrvs/mosip).
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession

from mock_nid import app as mock_nid
from mock_nid.settings import Settings as NidSettings
from tests.servers.bridge.conftest import BIRTH
from tests.servers.bridge.replicas import Country, Moments, Replica
from tests.servers.bridge.test_people import log_in
from wire.keyfolder import P12_PASSWORD, KeyFolder
from wire.world import World

SECRET = "abcdeABCDE123456"


@dataclass
class Site:
    """OpenCRVS and the ID system on ports of their own."""

    country: Country
    nid: mock_nid.Running
    keys: KeyFolder
    folder: Path

    def environment(self, host: str = "127.0.0.1") -> dict[str, str]:
        """Every name that the mediator reads; none that it does not know."""
        nid, country = (url.replace("127.0.0.1", host) for url in (self.nid.url, self.country.url))
        esignet = self.nid.esignet_url  # it takes assertions for the name that it knows itself by
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys["oidp-client"].private_key)
        (self.folder / "esignet-jwk.txt").write_bytes(base64.b64encode(jwk.encode()) + b"\n")
        return {
            "HOST": host,
            "LOCALE": "en",
            "SQLITE_DATABASE_PATH": str(self.folder / "mosip-api.db"),
            "CLIENT_APP_URL": "https://register.example/",
            "OPENCRVS_GATEWAY_URL": f"{country}/",
            "OPENCRVS_PUBLIC_KEY_URL": f"{country}/.well-known",
            "MOSIP_AUTH_URL": f"{nid}/v1/authmanager/authenticate/clientidsecretkey",
            "MOSIP_AUTH_CLIENT_APP_ID": "admin",
            "MOSIP_PACKET_AUTH_CLIENT_ID": "mosip-regproc-client",
            "MOSIP_PACKET_AUTH_CLIENT_SECRET": SECRET,
            "MOSIP_WEBSUB_HUB_URL": f"{nid}/websub/hub",
            "MOSIP_WEBSUB_SECRET": "mosip-websub-secret",
            "MOSIP_WEBSUB_TOPIC": "crvs-partner/CREDENTIAL_ISSUED",
            "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{self.nid.url}/.well-known/public-key.json",
            "MOSIP_WEBSUB_AUTH_CLIENT_ID": "crvs-partner",
            "MOSIP_WEBSUB_AUTH_CLIENT_SECRET": SECRET,
            "TRANSACTION_ID_PREFIX": "10001",
            "MOSIP_BIRTH_WEBHOOK_URL": f"{nid}/webhooks/opencrvs/birth",
            "MOSIP_DEATH_WEBHOOK_URL": f"{nid}/webhooks/opencrvs/death",
            "ESIGNET_USERINFO_URL": f"{esignet}/v1/esignet/oidc/userinfo",
            "ESIGNET_TOKEN_URL": f"{esignet}/v1/esignet/oauth/v2/token",
            "OPENID_PROVIDER_CLAIMS": "",
            "OIDP_CLIENT_PRIVATE_KEY_PATH": str(self.folder / "esignet-jwk.txt"),
            "PARTNER_APIKEY": "123456",
            "PARTNER_MISP_LK": "MISP-LK-EXAMPLE",
            "PARTNER_ID": "crvs-partner",
            "IDA_AUTH_DOMAIN_URI": nid,
            "IDA_AUTH_URL": f"{nid}/idauthentication/v1/auth",
            "ENCRYPT_CERT_PATH": str(self.keys["ida-partner"].certificate_path),
            "DECRYPT_P12_FILE_PATH": str(self.keys["partner"].p12_path),
            "DECRYPT_P12_FILE_PASSWORD": P12_PASSWORD,
            "SIGN_P12_FILE_PATH": str(self.keys["ida-client"].p12_path),
            "SIGN_P12_FILE_PASSWORD": P12_PASSWORD,
            "MOSIP_CREATE_PACKET_URL": f"{nid}/commons/v1/packetmanager/createPacket",
            "MOSIP_PROCESS_PACKET_URL": f"{nid}/registrationprocessor/v1/workflowmanager/workflowinstance",
            "MOSIP_CENTER_ID": "10001",
            "MOSIP_MACHINE_ID": "10004",
        }


@pytest.fixture
async def site(tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """`request.param`: the topic on which the ID system publishes."""
    world = World.system(5)
    country = Country(world, keys, Moments())
    await country.start()
    topic = getattr(request, "param", "partner")
    settings = NidSettings(
        port=0, esignet_port=0, keys=keys.path, processing_seconds="0.3", credential_topic=topic
    )
    nid = await mock_nid.start(settings, world)
    yield Site(country, nid, keys, tmp_path)
    await nid.close()
    await country.close()


class Mediator(Replica):
    """The bridge on the mediator's port alone; nobody says a word about the country's server."""

    def __init__(self, site: Site, settings: dict[str, str]) -> None:
        super().__init__("mediator", site.folder, settings)
        del self._settings["BRIDGE_TRIGGER_PORT"]
        host = settings.get("HOST", "127.0.0.1")
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self._settings.setdefault("MOSIP_WEBSUB_CALLBACK_URL", f"{self.url}/websub/callback")


async def completes(site: Site, mediator: Mediator) -> None:
    """A birth that the country config hands over, and a log-in of the form, come to their end."""
    event = site.country.record("birth", BIRTH)
    headers = {"Authorization": f"Bearer {site.country.ask(event)}"}
    number = f"2026B{event['trackingId']}"
    body = {
        "trackingId": event["trackingId"],
        "notification": {"recipientFullName": "Grace Mulenga", "recipientEmail": "", "recipientPhone": ""},
        "requestFields": packet(number),
        "metaInfo": {"metaData": "[]", "operationsData": '[{"label":"officerId","value":"crvs"}]'},
        "audit": {"uuid": "9f3c", "createdAt": "2026-03-01T00:00:00.000Z", "eventId": "REG-EVT-066"},
    }
    asked = {"clientId": "crvs-rp", "redirectUri": "https://register.example/cb"}
    code = await log_in(site.nid.esignet_url, asked)
    async with ClientSession(headers=headers) as session:
        async with session.post(f"{mediator.url}/events/registration", json=body) as taken:
            assert taken.status == 202, await taken.text()
        path = f"{mediator.url}/esignet/get-oidp-user-info?code={code}&state=s"
        async with session.post(path, json=asked) as answer:
            assert answer.status == 200, await answer.text()
            assert (await answer.json())["birthDate"] == "1991-02-28"
    async with asyncio.timeout(240):
        await site.country.settled.wait()
    [action] = site.country.accepted(event)
    assert action["registrationNumber"] == number and action["declaration"]["child.nid"]


def packet(number: str) -> dict[str, Any]:
    def told(text: str) -> str:
        return json.dumps([{"language": "eng", "value": text}])

    places = {name: told("Ibombo") for name in ("addressLine1", "region", "province", "city", "zone")}
    return {
        "IDSchemaVersion": "0.1",
        "fullName": told("Chanda Mulenga"),
        "dateOfBirth": "2026/02/20",
        "gender": told("Female"),
        "birthCertificateNumber": number,
        **places,
    }


@pytest.mark.parametrize(
    ("site", "changes"),
    [
        ("partner", {}),
        ("partner", {"HOST": "localhost"}),
        ("partner", {"HOST": "::1"}),
        ("plain", {"MOSIP_WEBSUB_TOPIC": "CREDENTIAL_ISSUED"}),
        ("partner", {"LANGUAGE": "en_US:en", "MODE": "development", "TOPIC": "somebody else's"}),
    ],
    indirect=["site"],
    ids=["as it is", "localhost", "IPv6", "the plain topic", "beside variables that are not ours"],
)
async def test_a_birth_and_a_log_in_complete(
    site: Site, changes: dict[str, str], request: pytest.FixtureRequest
) -> None:
    if changes.get("HOST") == "::1":
        request.getfixturevalue("ipv6")
    with socket.socket() as other:  # the country config listens there
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # or somebody else's does: the same to us
            other.bind(("127.0.0.1", 3040))
            other.listen()
        host = changes.get("HOST", "127.0.0.1")
        mediator = Mediator(
            site, site.environment("localhost" if host == "localhost" else "127.0.0.1") | changes
        )
        await mediator.start()
        try:
            await completes(site, mediator)
        finally:
            await mediator.stop()
