"""`/verify` and eSignet against the mock National ID system; corrections and updates."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from aiohttp import ClientSession

from bridge.app import Running, start
from bridge.country.folder import Identification
from bridge.mosip.esignet import signing_keys
from bridge.registration import State
from bridge.settings import Settings
from mock_nid import app as mock_nid
from mock_nid.settings import Settings as NidSettings
from testbed.faults import Fault, FaultKind
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import UIN, VID, StubOpenCRVS
from wire.keyfolder import KeyFolder
from wire.world import World

AMARA = {"nid": "4238670978", "dob": "1991-02-28", "name": {"firstname": "Amara", "surname": "Okonjo"}}


class People:
    """A bridge before a mock_nid."""

    def __init__(self, world: World, opencrvs: StubOpenCRVS, nid: mock_nid.Running, bridge: Running) -> None:
        self.world, self.opencrvs, self.nid, self.bridge = world, opencrvs, nid, bridge

    async def ask(
        self, path: str, body: dict[str, Any], token: str | None = None, accept: str = "*/*"
    ) -> tuple[int, str]:
        event = self.opencrvs.record("birth", BIRTH)
        headers = {"Authorization": f"Bearer {token or self.opencrvs.token(event)}", "Accept": accept}
        url = self.bridge.mediator_url + path
        async with ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def people(tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest) -> AsyncIterator[People]:
    world = World.virtual(seed=3)
    opencrvs = await StubOpenCRVS(world, keys).start()
    more = getattr(request, "param", {})
    nid = await mock_nid.start(NidSettings(port=0, esignet_port=0, keys=keys.path, **more), world)
    settings = Settings(
        port=0,
        trigger_port=0,
        database_url=f"sqlite:///{tmp_path}/bridge.db",
        keys=keys.path,
        gateway_url=opencrvs.url,
        public_key_url=f"{opencrvs.url}/.well-known",
        mosip_url=nid.url,
        esignet_url=nid.esignet_url,
    )
    bridge = await start(settings, world)
    await world.clock.settle()
    yield People(world, opencrvs, nid, bridge)
    await bridge.close()
    await nid.close()
    await opencrvs.close()


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "verified"),
        ({"gender": "female"}, "verified"),
        ({"nid": "4703420631835716"}, "verified"),
        ({"dob": "1991-02-27"}, "failed"),
        ({"name": {"firstname": "Jane", "surname": "Okonjo"}}, "failed"),
        ({"nid": "9999999999"}, "failed"),
    ],
)
async def test_verdicts(people: People, changes: dict[str, Any], verdict: str) -> None:
    assert await people.ask("/verify", AMARA | changes) == (200, verdict)


@pytest.mark.parametrize(
    ("changes", "status", "reasons"),
    [
        ({}, "verified", []),
        ({"nid": "9999999999"}, "failed", ["NIN_NOT_FOUND"]),
        ({"nid": ""}, "failed", ["NIN_NOT_FOUND"]),
        ({"dob": "1991-02-27"}, "failed", ["DOB_MISMATCH"]),
        ({"name": {"firstname": "Jane", "surname": "Okonjo"}}, "failed", ["NAME_MISMATCH"]),
        ({"gender": "male"}, "failed", ["GENDER_MISMATCH"]),
    ],
)
async def test_whoever_asks_for_json_gets_the_reasons(
    people: People, changes: dict[str, Any], status: str, reasons: list[str]
) -> None:
    said = await people.ask("/verify", AMARA | changes, accept="application/json")
    assert (said[0], json.loads(said[1])) == (200, {"status": status, "reasons": reasons})


@pytest.mark.parametrize("people", [{}, {"ida_deactivated": "IDA-MLC-032"}], indirect=True)
@pytest.mark.parametrize(
    ("who", "status"), [("mother", "verified"), ("informant", "failed"), (None, "failed")]
)
async def test_a_deactivated_mother_is_still_a_mother(people: People, who: str | None, status: str) -> None:
    verification = people.bridge.nid._verification  # type: ignore[attr-defined]
    ways = Identification(deactivated=("IDA-MLC-032",), deactivated_counts_for=("mother",))
    verification.ways = ways
    persons = people.nid.people.persons
    persons[AMARA["nid"]] = replace(persons[AMARA["nid"]], status="DEACTIVATED")
    said = await people.ask("/verify", AMARA | {"who": who}, accept="application/json")
    assert json.loads(said[1]) == {"status": status, "reasons": ["DEACTIVATED"]}


@pytest.mark.parametrize(
    "changes",
    [{"nid": 1}, {"dob": "28/02/1991"}, {"dob": "1991-02-30"}, {"name": {}}, {"name": "Amara"}],
)
async def test_bad_questions_are_400(people: People, changes: dict[str, Any]) -> None:
    assert (await people.ask("/verify", AMARA | changes))[0] == 400


async def test_no_verdict_is_503_and_not_failed(people: People) -> None:
    for fault in (FaultKind.RESET, FaultKind.STATUS, FaultKind.MALFORMED_BODY):
        people.nid.faults.add(Fault("ida", fault))
        assert (await people.ask("/verify", AMARA))[0] == 503
    assert (await people.ask("/verify", AMARA))[1] == "verified"


async def test_kept_alive_connection_that_closes_under_a_question_is_no_answer(people: People) -> None:
    assert (await people.ask("/verify", AMARA))[1] == "verified"
    people.nid.faults.add(Fault("ida", FaultKind.RESET))
    assert (await people.ask("/verify", AMARA))[1] == "verified"


async def test_verify_needs_a_token(people: People) -> None:
    assert (await people.ask("/verify", AMARA, token="x.y.z"))[0] == 401


async def test_code_of_esignet_that_is_not_its_own_is_400(people: People) -> None:
    asked = {"clientId": "crvs-rp", "redirectUri": "https://register.example/cb"}
    status, text = await people.ask("/esignet/get-oidp-user-info?code=nonsense&state=s", asked)
    assert status == 400, text


async def test_correction_that_concerns_no_identity_is_answered_at_once(stage: Stage) -> None:
    event = corrected(stage, {**BIRTH, "child.nid": VID}, {"child.weightAtBirth": 3.9})
    assert await stage.trigger(event, action="APPROVE_CORRECTION") == (200, {})


async def test_correction_gives_a_record_without_an_id_its_first_and_only_one(stage: Stage) -> None:
    event = corrected(stage, BIRTH, {"child.weightAtBirth": 3.9})
    token = stage.opencrvs.token(event)
    assert [(await stage.trigger(event, token, action="APPROVE_CORRECTION"))[0] for _ in range(2)] == [
        202,
        202,
    ]
    await stage.world.clock.settle()
    [rid] = stage.mosip.packets
    assert stage.mosip.packets[rid]["process"] == "CRVS_NEW"
    again = corrected(stage, BIRTH, {"child.weightAtBirth": 4.1}) | {"id": event["id"]}
    assert (await stage.trigger(again, action="APPROVE_CORRECTION"))[0] == 200
    assert len(stage.mosip.packets) == 1


async def test_changed_name_updates_the_identity(stage: Stage) -> None:
    new_name = {"child.name": {"firstname": "Chanda", "surname": "Phiri"}}
    event = corrected(stage, {**BIRTH, "child.nid": VID}, new_name)
    request = event["actions"][-2]["id"]
    assert (await stage.trigger(event, action="APPROVE_CORRECTION"))[0] == 202
    await stage.world.clock.settle()
    [(rid, packet)] = stage.mosip.packets.items()
    assert (packet["process"], packet["fields"]["UIN"]) == ("CRVS_UPDATE", UIN)
    await stage.deliver(stage.mosip.ended(rid, "PROCESSED", "CRVS_UPDATE"))
    path, given, _ = next(call for call in stage.opencrvs.calls if call[0].endswith("accept"))
    assert path == "event.actions.correction.approve.accept"
    assert given["requestId"] == request
    registration = await stage.running.store.lookups.by_packet(rid)
    assert registration is not None and registration.state is not State.STUCK


def corrected(stage: Stage, declaration: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A registered birth with a correction that waits for its approval."""
    event = stage.opencrvs.record("birth", declaration)
    register = event["actions"].pop()
    common = {key: register[key] for key in ("createdAt", "createdBy", "createdByUserType", "transactionId")}
    uuid = stage.world.chance.uuid
    request = {
        "id": uuid(),
        "type": "REQUEST_CORRECTION",
        "status": "Accepted",
        "declaration": changes,
        **common,
    }
    approve = {
        "id": uuid(),
        "type": "APPROVE_CORRECTION",
        "status": "Requested",
        "requestId": request["id"],
        **common,
    }
    accepted = {**register, "status": "Accepted", "registrationNumber": "2026BOLD001"}
    event["actions"] += [accepted, request, approve | {"declaration": {}}]
    return event


async def log_in(esignet: str, asked: dict[str, str]) -> str:
    """The code that Amara gets when she logs in for the form and consents."""
    claims = {
        "userinfo": {
            "name": {"essential": True},
            "birthdate": {"essential": True},
            "individual_id": {"essential": True},
        }
    }
    query = {
        "client_id": asked["clientId"],
        "redirect_uri": asked["redirectUri"],
        "response_type": "code",
        "scope": "openid profile",
        "claims": json.dumps(claims),
        "state": "s",
        "nonce": "n",
    }
    async with ClientSession() as session:
        async with session.get(f"{esignet}/authorize", params=query) as page:
            fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', await page.text()))
        form = fields | {"individual_id": "4238670978", "otp": "111111", "decision": "allow"}
        async with session.post(f"{esignet}/authorize", data=form, allow_redirects=False) as back:
            return parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]


@pytest.mark.parametrize(
    "form", ["https://register.example/cb", "https://register.example/cb?code=x&state=s&iss=i#a"]
)
async def test_details_from_esignet_are_verified_and_the_code_is_good_once(people: People, form: str) -> None:
    """The form names itself as it stands in the browser, with the query of the log-in."""
    asked = {"clientId": "crvs-rp", "redirectUri": "https://register.example/cb"}
    path = f"/esignet/get-oidp-user-info?code={await log_in(people.nid.esignet_url, asked)}&state=s"
    asked["redirectUri"] = form
    status, text = await people.ask(path, asked)
    assert status == 200, text
    person = json.loads(text)
    assert person["name"] == {"firstname": "Amara", "middlename": "", "surname": "Okonjo"}
    assert (person["birthDate"], person["nid"]) == ("1991-02-28", "4238670978")
    assert (await people.ask(path, asked))[0] == 400


ODD_KEYS: tuple[Any, ...] = (
    None,
    7,
    "key",
    [],
    {},
    {"kid": "e1"},
    {"kid": "e1", "kty": "RSA", "n": "!!!", "e": "AQAB"},
    {"kid": "e1", "kty": "RSA", "n": 5, "e": []},
    {"kid": ["e1"], "kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kid": "e1", "kty": "OKP", "crv": "Ed25519", "x": "AA"},
    {"kid": "e1", "kty": "oct", "k": "c2VjcmV0"},
    {"kid": "e1", "kty": {"a": 1}},
    {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kid": "e1", "kty": "RSA", "n": "", "e": ""},
    {"kid": "e1", "kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kid": "e1", "kty": "RSA", "n": "AQAB", "e": "AQAB", "d": 1},
)


@pytest.mark.parametrize("odd", ODD_KEYS, ids=str)
def test_right_key_is_believed_beside_odd_ones(odd: Any, keys: KeyFolder) -> None:
    public = keys["esignet"].private_key.public_key()
    right = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public)) | {"kid": "e1"}
    for listed in ([odd, right | {"use": "sig"}], [right, odd]):
        assert signing_keys(listed)["e1"].public_numbers() == public.public_numbers()
