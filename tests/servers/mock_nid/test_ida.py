"""ID authentication over HTTP: requests of published clients, and every error a partner can meet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.known import vectors
from tests.servers.mock_nid.actors import Stage, close_stage, open_stage
from tests.unit.wire_mosip.known import open_identity, otp_request
from wire.keyfolder import KeyFolder
from wire.mosip import ida, ida_sealing, ida_signature
from wire.world import World, parse_timestamp

Open = Callable[..., Awaitable[Stage]]
PARTNER = ida.Partner("MISP-LK-EXAMPLE", "crvs-partner", "123456", "https://mosip.example")
AMARA = {
    "name": [{"language": "eng", "value": "Amara Okonjo"}],
    "dob": "1991/02/28",
    "gender": [{"language": "eng", "value": "female"}],
}


class Asker:
    """Builds and signs requests with the key folder's keys; each part can be spoilt."""

    def __init__(self, stage: Stage, keys: Path) -> None:
        self.stage, self.keys = stage, KeyFolder(keys)

    async def ask(
        self,
        individual_id: str = "4238670978",
        demographics: dict[str, Any] | None = None,
        *,
        partner: ida.Partner = PARTNER,
        service: ida.Service = "auth",
        id_type: str = "UIN",
        otp: str = "",
        transaction: str = "4821907365",
        change: dict[str, Any] | None = None,
        headers: dict[str, str | None] | None = None,
        late: float = 0,
        style: ida.Style = "node",
        x5c: ida_signature.X5c = "pem",
        signer: str = "ida-client",
    ) -> Any:
        world = self.stage.world
        now = world.clock.now() - timedelta(seconds=late)
        name: Any = service.partition("/")[0]
        if service == "otp":
            body = otp_request(individual_id, transaction, now, id_type)
        else:
            body = ida.auth_request(
                individual_id=individual_id,
                demographics=AMARA if demographics is None and not otp else demographics,
                partner=partner,
                certificate=self.keys["ida-partner"].certificate,
                transaction_id=transaction,
                now=now,
                chance=world.chance,
                individual_id_type=id_type,
                otp=otp,
                service="auth" if name == "kyc-auth" else name,
                style=style,
            )
        if change is not None:
            body = json.dumps({**json.loads(body), **change}).encode()
        pair = self.keys[signer]
        signature = ida_signature.sign_request(body, pair.private_key, pair.certificate, x5c=x5c)
        sent: dict[str, str | None] = {
            "signature": signature,
            "Authorization": "Authorization",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        status, answer, response = await self.stage.client.call(
            "POST",
            f"/idauthentication/v1/{service}{partner.path()}",
            data=body,
            headers={name: value for name, value in sent.items() if value is not None},
        )
        assert status == 200
        assert "response-signature" in response.headers
        return answer


def codes(answer: Any) -> list[str]:
    return [item["errorCode"] for item in answer["errors"] or []]


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
    folder, now = KeyFolder(keys), s.running.parts.world.clock.now()
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


@pytest.mark.parametrize(
    ("partner", "expected"),
    [
        (("x", "crvs-partner", "123456"), "IDA-MPA-007"),
        (("MISP-LK-EXPIRED", "crvs-partner", "123456"), "IDA-MPA-008"),
        (("MISP-LK-BLOCKED", "crvs-partner", "123456"), "IDA-MPA-017"),
        (("MISP-LK-UNMAPPED", "crvs-partner", "123456"), "IDA-MPA-010"),
        (("MISP-LK-EXAMPLE", "x", "123456"), "IDA-MPA-009"),
        (("MISP-LK-EXAMPLE", "partner-deactivated", "123456"), "IDA-MPA-012"),
        (("MISP-LK-EXAMPLE", "partner-without-policy", "123456"), "IDA-MPA-014"),
        (("MISP-LK-EXAMPLE", "partner-without-certificate", "123456"), "IDA-MPA-020"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "x"), "IDA-MPA-018"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "inactive-policy"), "IDA-MPA-019"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "expired-key"), "IDA-MPA-039"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "no-demo"), "IDA-MPA-006"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "otp-mandatory"), "IDA-MPA-015"),
    ],
)
@pytest.mark.requirement("MOSIP-IDA-03")
async def test_partners(stage: Open, keys: Path, partner: tuple[str, str, str], expected: str) -> None:
    answer = await Asker(await stage(), keys).ask(partner=ida.Partner(*partner, "https://mosip.example"))
    assert codes(answer) == ["IDA-MLC-007", expected]


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


@pytest.mark.requirement("MOSIP-IDA-06")
async def test_one_time_passwords(stage: Open, keys: Path) -> None:
    s = await stage()
    ask = Asker(s, keys).ask
    assert codes(await ask(otp="111111")) == ["IDA-OTA-012"]
    sent = await ask(service="otp")
    assert sent["response"] == {"maskedMobile": None, "maskedEmail": "aXXXXXXXXXXo@example.org"}
    assert codes(await ask(otp="111111", transaction="0000000001")) == ["IDA-OTA-005"]
    assert codes(await ask(otp="999999")) == ["IDA-OTA-004"]
    assert codes(await ask(otp="111111")) == []
    assert codes(await ask(otp="111111")) == ["IDA-OTA-012"]
    await ask(service="otp")
    assert codes(await ask(individual_id="4703420631835716", id_type="VID", otp="111111")) == ["IDA-OTA-010"]
    await s.advance(181)
    assert codes(await ask(otp="111111")) == ["IDA-OTA-003"]
    assert codes(await ask(service="otp", change={"otpChannel": []})) == ["IDA-OTA-008"]
    assert codes(await ask(service="otp", change={"otpChannel": ["FAX"]})) == ["IDA-OTA-009"]
    assert codes(await ask("6850936724", service="otp")) == ["IDA-OTA-002"]
    for _ in range(5):
        await ask(service="otp")
    assert codes(await ask(service="otp")) == ["IDA-OTA-001"]
    for _ in range(5):
        await ask(otp="999999")
    assert codes(await ask(otp="111111")) == ["IDA-OTA-007"]
    forbidden = ida.Partner("MISP-LK-EXAMPLE", "crvs-partner", "no-otp", "https://mosip.example")
    assert codes(await ask(service="otp", partner=forbidden)) == ["IDA-MLC-007", "IDA-MPA-005"]
    assert codes(await ask(otp="111111", partner=forbidden)) == ["IDA-MLC-007", "IDA-MPA-006"]


@pytest.mark.requirement("MOSIP-IDA-07")
async def test_a_country_names_people_by_handles_of_its_own(stage: Open, keys: Path) -> None:
    """Uganda: the lower-case number with `@nin` behind it (contract field §5)."""
    ask = Asker(await stage(handles="UIN@nin,birthCertificateNumber@brn"), keys).ask
    assert codes(await ask("4238670978@NIN", id_type="HANDLE")) == []
    assert codes(await ask("4238670978@brn", id_type="HANDLE")) == ["IDA-MLC-018"]
    assert codes(await Asker(await stage(), keys).ask("4238670978@nin", id_type="HANDLE")) == ["IDA-MLC-018"]


async def test_a_country_says_in_its_own_code_that_a_parent_was_deactivated(stage: Open, keys: Path) -> None:
    ask = Asker(await stage(ida_deactivated="IDA-MLC-032", handles="UIN@nin"), keys).ask
    assert codes(await ask("8507457640")) == ["IDA-MLC-032"]
    assert codes(await ask("8507457640@nin", id_type="HANDLE")) == ["IDA-MLC-032"]


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
            s.running.parts.otps.send(amara, body["transactionID"], "UIN", "crvs-partner", channels, now)
        status, answer, _ = await s.client.call(
            "POST", request_["path"], data=request_["body"].encode(), headers=request_["headers"]
        )
        assert status == 200 and answer["errors"] is None, (name, kind, answer)
        shown = answer["response"]
        assert shown.get("authStatus") or shown.get("kycStatus") or shown.get("maskedEmail")
    finally:
        await close_stage(s)
