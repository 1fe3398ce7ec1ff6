"""ID authentication over HTTP: requests of published clients, and every error a partner can meet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.known import vectors
from tests.servers.mock_nid.actors import Stage, close_stage, open_stage
from tests.servers.mock_nid.asker import AMARA, PARTNER, Asker, codes
from tests.unit.wire_mosip.known import open_identity
from wire.keyfolder import KeyFolder
from wire.mosip import ida, ida_sealing, ida_signature
from wire.world import World, parse_timestamp

Open = Callable[..., Awaitable[Stage]]


@pytest.mark.parametrize("style", ["node", "python"])
@pytest.mark.parametrize("x5c", ["der", "pem", "pem-lines"])
async def test_match_in_every_layout(stage: Open, keys: Path, style: Any, x5c: Any) -> None:
    ask = Asker(await stage(), keys).ask
    answer = await ask(style=style, x5c=x5c)
    assert answer["errors"] is None and answer["response"]["authStatus"] is True
    token = answer["response"]["authToken"]
    assert len(token) == 36 and token.isdigit()
    assert answer["transactionID"] == "4821907365" and answer["id"] == "mosip.identity.auth"


@pytest.mark.requirement("MOSIP-IDA-02")
async def test_the_answer_is_signed(stage: Open, keys: Path) -> None:
    s = await stage()
    path = f"{s.running.url}/idauthentication/v1/auth{PARTNER.path()}"
    async with s.client.session.post(path, data=b"{}") as response:
        raw = await response.read()
        header = response.headers["response-signature"]
    folder, now = KeyFolder(keys), s.running.world.clock.now()
    ida_signature.verify_response(header, raw, [folder["ida-sign"].certificate], now)
    with pytest.raises(ida_signature.IdaSignatureRefused):  # requests are sealed for another key
        ida_signature.verify_response(header, raw, [folder["ida-partner"].certificate], now)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"demographics": {**AMARA, "name": [{"language": "eng", "value": "Amara"}]}}, ["IDA-DEA-001"]),
        ({"demographics": {**AMARA, "dob": "1991/02/27"}}, ["IDA-DEA-001"]),
        ({"demographics": {"name": [{"language": "xxx", "value": "A"}]}}, ["IDA-DEA-002"]),
        ({"demographics": {"name": [{"language": "fra", "value": "A"}]}}, ["IDA-DEA-003"]),
        ({"demographics": {"dob": "1991-02-28"}}, ["IDA-MLC-009"]),
        ({"demographics": {}}, ["IDA-MLC-008"]),
        ({"individual_id": "4238670971"}, ["IDA-MLC-002"]),
        ({"individual_id": "3467045314"}, ["IDA-MLC-018"]),
        ({"individual_id": "8507457640"}, ["IDA-MLC-022"]),
        ({"individual_id": "9712916413"}, ["IDA-MLC-018"]),
        ({"individual_id": "3165738237"}, ["IDA-MLC-019"]),
        ({"individual_id": "4703420631835710", "id_type": "VID"}, ["IDA-MLC-004"]),
        ({"individual_id": "5604807851354905", "id_type": "VID"}, ["IDA-MLC-005"]),
        ({"individual_id": "6902748546047643", "id_type": "VID"}, ["IDA-MLC-023"]),
        ({"individual_id": "2094576318536923", "id_type": "VID"}, ["IDA-MLC-023"]),
        ({"individual_id": "unknown@brn", "id_type": "HANDLE"}, ["IDA-MLC-018"]),
        ({"individual_id": "4703420631835716", "id_type": "VID"}, []),
        ({"late": 61}, ["IDA-MLC-001"]),
        ({"late": -61}, ["IDA-MLC-001"]),
        ({"transaction": "12"}, ["IDA-MLC-009"]),
        ({"id_type": "PASSPORT"}, ["IDA-MLC-009"]),
        ({"change": {"env": "Kitchen"}}, ["IDA-MLC-009"]),
        ({"change": {"env": None}}, ["IDA-MLC-006"]),
        ({"change": {"id": "other"}}, ["IDA-MLC-009"]),
        ({"change": {"individualId": None}}, ["IDA-MLC-006"]),
        ({"change": {"individualId": ["4238670978"]}}, ["IDA-MLC-009"]),
        ({"change": {"individualId": 7}}, ["IDA-MLC-002"]),
        ({"change": {"consentObtained": False}}, ["IDA-MLC-012"]),
        ({"change": {"requestTime": "noon"}}, ["IDA-MLC-009"]),
        ({"change": {"request": "AAAA"}}, ["IDA-MLC-007", "IDA-MPA-003"]),
        ({"change": {"thumbprint": "00"}}, ["IDA-MLC-007", "IDA-MPA-003"]),
        ({"headers": {"signature": None}}, ["IDA-MLC-007", "IDA-MLC-006"]),
        ({"headers": {"Authorization": ""}}, ["IDA-MLC-007", "IDA-MLC-006"]),
        ({"headers": {"signature": "a..b"}}, ["IDA-MLC-007", "IDA-MPA-001"]),
        ({"signer": "partner"}, ["IDA-MLC-007", "IDA-MPA-021"]),
    ],
)
@pytest.mark.requirement("MOSIP-IDA-01")
async def test_verdicts(stage: Open, keys: Path, options: dict[str, Any], expected: list[str]) -> None:
    answer = await Asker(await stage(), keys).ask(**options)
    assert codes(answer) == expected
    assert answer["response"]["authStatus"] is (not expected)


@pytest.mark.requirement("MOSIP-IDA-04")
async def test_a_block_that_does_not_fit_its_hash(stage: Open, keys: Path) -> None:
    s = await stage()
    certificate = KeyFolder(keys)["ida-partner"].certificate
    one = ida_sealing.seal_block(b'{"a":1}', certificate, s.world.with_seed(9).chance)
    two = ida_sealing.seal_block(b'{"b":2}', certificate, s.world.with_seed(9).chance)
    change = {"request": one.request, "requestHMAC": two.hmac, "requestSessionKey": one.session_key}
    answer = await Asker(s, keys).ask(change=change)
    assert codes(answer) == ["IDA-MLC-007", "IDA-MPA-016"]


async def test_strict_x5c_refuses_line_breaks(stage: Open, keys: Path) -> None:
    answer = await Asker(await stage(ida_x5c="strict"), keys).ask(x5c="pem-lines")
    assert codes(answer) == ["IDA-MLC-007", "IDA-MPA-002"]


@pytest.mark.requirement("MOSIP-IDA-05")
async def test_ekyc_is_sealed_for_the_partner(stage: Open, keys: Path) -> None:
    asker = Asker(await stage(), keys)
    answer = await asker.ask(service="kyc")
    sealed = answer["response"]
    assert sealed["kycStatus"] is True
    plain = open_identity(sealed["sessionKey"], sealed["identity"], KeyFolder(keys)["partner"].private_key)
    assert json.loads(plain)["name"] == AMARA["name"]
    refused = await asker.ask(
        service="kyc", partner=ida.Partner("MISP-LK-EXAMPLE", "crvs-partner", "no-kyc", "https://m.example")
    )
    assert codes(refused) == ["IDA-MLC-007", "IDA-MPA-013"]


async def test_kyc_tokens(stage: Open, keys: Path) -> None:
    s = await stage(ida_checks="lenient")
    ask = Asker(s, keys).ask
    relying = ida.Partner("MISP-LK-EXAMPLE", "crvs-partner", "crvs-rp", "https://mosip.example")
    granted = await ask(service="kyc-auth/delegated", partner=relying)  # type: ignore[arg-type]
    token = granted["response"]["kycToken"]

    async def exchange(client: str = "crvs-rp", **change: Any) -> Any:
        body = {
            "id": "mosip.identity.kycexchange",
            "version": "1.0",
            "requestTime": s.world.timestamp(),
            "transactionID": "4821907365",
            "individualId": "4238670978",
            "kycToken": token,
            "consentObtained": ["name", "birthdate"],
            "locales": ["en"],
            **change,
        }
        path = f"/idauthentication/v1/kyc-exchange/delegated/MISP-LK-EXAMPLE/crvs-partner/{client}"
        return (await s.client.call("POST", path, json=body))[1]

    assert codes(await exchange(kycToken="x")) == ["IDA-KYE-001"]
    assert codes(await exchange(client="strict-rp")) == ["IDA-KYE-004"]
    assert codes(await exchange(transactionID="1111111111")) == ["IDA-KYE-005"]
    assert codes(await exchange(individualId="9053126376")) == ["IDA-KYE-007"]
    kyc = (await exchange())["response"]["encryptedKyc"]
    own = KeyFolder(keys)
    jwt.decode(kyc, own["ida-sign"].private_key.public_key(), ["RS256"], options={"verify_aud": False})
    with pytest.raises(jwt.InvalidSignatureError):
        # what requests are sealed for signs nothing (contract mosip §15 row 1)
        jwt.decode(kyc, own["ida-partner"].private_key.public_key(), ["RS256"])
    assert codes(await exchange()) == ["IDA-KYE-003"]
    token = (await ask(service="kyc-auth/delegated", partner=relying))["response"]["kycToken"]  # type: ignore[arg-type]
    await s.advance(301)
    assert codes(await exchange()) == ["IDA-KYE-002"]


@pytest.fixture
def vector_keys(keys: Path, tmp_path: Path) -> Path:
    """The key folder with the vectors' IDA and client keys put in, as a country would put its own."""
    folder = tmp_path / "keys"
    shutil.copytree(keys, folder)
    given = vectors("mosip")["ida_auth"]
    for name, source in (("ida-partner", given["ida_partner"]), ("ida-client", given["client"])):
        (folder / f"{name}.key.pem").write_text(source["private_key_pem"])
        (folder / f"{name}.cert.pem").write_text(source["certificate_pem"])
    return folder


def captured() -> list[tuple[str, str, Any]]:
    clients = vectors("mosip")["captured_clients"]
    return [
        (name, kind, request)
        for name, requests in clients.items()
        if isinstance(requests, dict)
        for kind, request in requests.items()
        if isinstance(request, dict) and "body" in request
    ]


@pytest.mark.parametrize(
    ("name", "kind", "request_"), captured(), ids=lambda value: value if isinstance(value, str) else ""
)
@pytest.mark.requirement("MOSIP-IDA-08")
async def test_captured_requests_of_published_clients(
    vector_keys: Path, name: str, kind: str, request_: Any
) -> None:
    body = json.loads(request_["body"])
    world = World.virtual(start=parse_timestamp(body["requestTime"]), seed=7)
    s = await open_stage(vector_keys, world=world)
    try:
        if kind == "kyc":  # it carries an OTP, which somebody must have sent
            amara = s.running.people.persons[body["individualId"]]
            now = world.clock.now()
            channels = ("EMAIL",)
            s.running.otps.send(amara, body["transactionID"], "UIN", "crvs-partner", channels, now)
        status, answer, _ = await s.client.call(
            "POST", request_["path"], data=request_["body"].encode(), headers=request_["headers"]
        )
        assert status == 200 and answer["errors"] is None, (name, kind, answer)
        shown = answer["response"]
        assert shown.get("authStatus") or shown.get("kycStatus") or shown.get("maskedEmail")
    finally:
        await close_stage(s)
