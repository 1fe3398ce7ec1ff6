"""The defects of the upstream mediator that concern people (contract mosip §11.6, 25 to 29)."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession

from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import VID
from tests.servers.bridge.stubs_people import StubPeople
from wire.mosip.envelope import EnvelopeFault

AMARA = {
    "nid": "4238670978",
    "dob": "1991-02-28",
    "name": {"firstname": "Amara", "middlename": "Ngozi", "surname": "Okonjo"},
}
FORM = {"clientId": "crvs-rp", "redirectUri": "https://register.example/cb?lang=en&step=2"}
USER_INFO = "/esignet/get-oidp-user-info?code=a-code&state=a-state"


@pytest.fixture
async def people(stage: Stage) -> AsyncIterator[StubPeople]:
    stub = await StubPeople(stage.world, stage.opencrvs.keys).start()
    await stage.restart(kill=False, **stub.settings)
    yield stub
    await stub.close()


async def ask(stage: Stage, path: str, body: dict[str, Any]) -> tuple[int, str]:
    token = stage.opencrvs.token(stage.opencrvs.record("birth", BIRTH))
    headers = {"Authorization": f"Bearer {token}"}
    url = stage.running.mediator_url + path
    async with ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_defect_25_no_verdict_is_unavailable_and_never_failed(stage: Stage, people: StubPeople) -> None:
    assert await ask(stage, "/verify", AMARA) == (200, "verified")
    people.verdict = {"authStatus": False}
    people.faults = [EnvelopeFault("IDA-DEA-001", "name does not match")]
    assert await ask(stage, "/verify", AMARA) == (200, "failed")
    # policy, partner, signature, time: nothing of the person is known
    for code in ("IDA-MPA-006", "IDA-MPA-012", "IDA-MPA-001", "IDA-MLC-001"):
        people.faults = [EnvelopeFault(code, "")]
        assert (await ask(stage, "/verify", AMARA))[0] == 503, code
    people.faults, people.verdict = [], None
    assert (await ask(stage, "/verify", AMARA))[0] == 503


async def test_defect_26_kind_of_number_is_seen_and_the_language_is_a_setting(
    stage: Stage, people: StubPeople
) -> None:
    await stage.restart(kill=False, language="fra")
    await ask(stage, "/verify", AMARA)
    await ask(stage, "/verify", AMARA | {"nid": VID})
    assert [asked.individual_id_type for asked, _ in people.asked] == ["UIN", "VID"]
    name = people.asked[0][1]["demographics"]["name"]
    assert name == [{"language": "fra", "value": "Amara Ngozi Okonjo"}]


@pytest.mark.parametrize("key", [None, "partner"], ids=["unsigned", "another key"])
async def test_defect_27_answer_that_ida_did_not_sign_is_no_verdict(
    stage: Stage, people: StubPeople, key: str | None
) -> None:
    people.ida_key = key
    assert (await ask(stage, "/verify", AMARA))[0] == 503


async def test_defect_28_esignet_jti_redirect_signature_state_and_nonce(
    stage: Stage, people: StubPeople
) -> None:
    status, text = await ask(stage, USER_INFO, FORM | {"state": "a-state", "nonce": people.nonce})
    assert (status, json.loads(text)["nid"]) == (200, "4238670978")
    assert (await ask(stage, USER_INFO, FORM))[0] == 200  # upstream's own body
    sent = [
        jwt.decode(form["client_assertion"], options={"verify_signature": False}) for form in people.codes
    ]
    assert len({claims["jti"] for claims in sent}) == 2
    assert people.codes[0]["redirect_uri"] == FORM["redirectUri"]  # not cut at `?`
    assert (await ask(stage, USER_INFO, FORM | {"state": "of-another-form"}))[0] == 400
    assert len(people.codes) == 2  # the code was not spent for it
    assert (await ask(stage, USER_INFO, FORM | {"nonce": "of-another-form"}))[0] == 400
    people.esignet_key = "oidp-client"
    assert (await ask(stage, USER_INFO, FORM))[0] == 503
    assert (await ask(stage, USER_INFO, FORM | {"nonce": people.nonce}))[0] == 503


@pytest.mark.parametrize(("allowed", "status"), [(False, 503), (True, 200)])
async def test_the_opencrvs_mock_of_esignet_is_a_leniency_of_its_own(
    stage: Stage, people: StubPeople, allowed: bool, status: int
) -> None:
    """It has no key set, and signs with the client's own key, without `kid` (contract mosip §9.5)."""
    await stage.restart(allow_esignet_mock=allowed)
    people.esignet_key, people.esignet_kid = "oidp-client", None
    assert (await ask(stage, USER_INFO, FORM))[0] == status
    people.esignet_key = "partner"
    assert (await ask(stage, USER_INFO, FORM))[0] == 503


async def test_defect_29_no_personal_data_in_the_logs(
    stage: Stage,
    people: StubPeople,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    await ask(stage, USER_INFO, FORM)
    await ask(stage, "/verify", AMARA)
    people.faults = [EnvelopeFault("IDA-MPA-006", "")]
    await ask(stage, "/verify", AMARA)
    people.esignet_key = "oidp-client"
    await ask(stage, USER_INFO, FORM)
    written = caplog.text + capsys.readouterr().out
    assert written
    assertion = people.codes[0]["client_assertion"]
    for secret in ("Amara", "Okonjo", "4238670978", "1991", "an-access-token", "a-code", assertion):
        assert secret not in written
