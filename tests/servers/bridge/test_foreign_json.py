"""Bodies and answers that are nested more deeply than any message, or hold what is no text: refused by one
mechanism at every route, and no more than an unusable answer when a peer sends them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from aiohttp import ClientSession, web

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, OPERATIONS, Stage
from tests.servers.bridge.queued import queued
from tests.servers.bridge.stubs import ISSUER
from tests.servers.bridge.stubs_people import StubPeople
from tests.servers.bridge.test_confirmation import ACCEPT, DAY, issued
from tests.servers.bridge.test_upstream_defects_people import AMARA, FORM, USER_INFO, ask
from tests.servers.bridge.test_upstream_defects_people import people as people
from wire.foreign_json import DEPTH_LIMIT
from wire.mosip import hub, well_known

DEEP = [DEPTH_LIMIT + 1, 300, 400, 600, 900, 950, 20_000]

DEEP_TOKEN = base64.urlsafe_b64encode(b"[" * 5001).decode() + ".e30.AA"
"""A JWT whose header no parser follows to its end; short enough for an HTTP header."""


def deep(levels: int, inside: str = "%s") -> str:
    """JSON text with a value of that many levels put into another."""
    return inside % ('{"a":' * levels + "1" + "}" * levels)


async def post(url: str, body: str, token: str, **headers: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}", **headers}
    async with ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("action", ["REGISTER", "APPROVE_CORRECTION"])
async def test_trigger(stage: Stage, action: str) -> None:
    event = stage.opencrvs.record("birth", {**BIRTH, "child.deep": "HERE"})
    url = f"{stage.running.trigger_url}/trigger/events/birth/actions/{action}"
    for levels in DEEP:
        body = json.dumps(event).replace('"HERE"', deep(levels))
        status, said = await post(url, body, stage.opencrvs.token(event))
        assert (status, json.loads(said)["title"]) == (400, "Nested too deeply"), levels
    assert await stage.running.store.listings.pending() == []


async def test_an_event_as_deep_as_the_limit_is_taken(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", {**BIRTH, "child.deep": "HERE"})
    body = json.dumps(event).replace('"HERE"', deep(DEPTH_LIMIT - 4))  # four levels around it
    url = f"{stage.running.trigger_url}/trigger/events/birth/actions/REGISTER"
    assert (await post(url, body, stage.opencrvs.token(event)))[0] == 202
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.SUBMITTED


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/events/registration", '{"trackingId": "ABC123", "requestFields": {"fullName": %s}}'),
        ("/events/update-biographics", '{"trackingId": "ABC123", "requestFields": {"VID": "1", "x": %s}}'),
        ("/verify", json.dumps(AMARA | {"more": "%s"}).replace('"%s"', "%s")),
        (USER_INFO, json.dumps(FORM | {"more": "%s"}).replace('"%s"', "%s")),
        ("/operations/registrations/none/reject", '{"reason": "Words.", "more": %s}'),
    ],
    ids=["registration", "update", "verify", "esignet", "operations"],
)
async def test_mediator(stage: Stage, path: str, inside: str) -> None:
    token = OPERATIONS
    if not path.startswith("/operations"):
        token = stage.opencrvs.token(stage.opencrvs.record("birth", BIRTH))
    for levels in DEEP:
        status, said = await post(stage.running.mediator_url + path, deep(levels, inside), token)
        assert (status, json.loads(said)["error"]) == (400, "Nested too deeply"), levels


@pytest.mark.parametrize("inside", ['{"event": %s}', '{"instanceId": %s}'], ids=["credential", "workflow"])
async def test_delivery(stage: Stage, inside: str) -> None:
    for levels in DEEP:
        body = deep(levels, inside)
        signature = hub.signature("mosip-websub-secret", body.encode())
        status, said = await post(stage.callback, body, "", **{hub.SIGNATURE_HEADER: signature})
        assert (status, json.loads(said)["error"]) == (400, "Nested too deeply"), levels


@pytest.mark.parametrize("odd", ["A\0B", "half \ud800"], ids=["NUL", "surrogate"])
async def test_text_that_is_none(stage: Stage, odd: str) -> None:
    """No database keeps it, so it is refused like a body that is too deep."""
    event = stage.opencrvs.record("birth", {**BIRTH, "child.reason": odd})
    status, said = await stage.trigger(event)
    assert (status, said["title"]) == (400, "Not text")
    body = json.dumps({"event": {"id": odd}})
    signature = hub.signature("mosip-websub-secret", body.encode())
    status, text = await post(stage.callback, body, "", **{hub.SIGNATURE_HEADER: signature})
    assert (status, json.loads(text)["error"]) == (400, "Not text")
    token = stage.opencrvs.token(event)
    for path in ("/events/registration", "/events/update-biographics", "/verify", USER_INFO):
        status, text = await post(stage.running.mediator_url + path, json.dumps({odd: 1}), token)
        assert (status, json.loads(text)["error"]) == (400, "Not text"), path
    assert await stage.running.store.listings.pending() == []


# -- answers ----------------------------------------------------------------------------------------


def answer(levels: int, inside: str = "%s") -> Callable[[], web.Response]:
    return lambda: web.Response(text=deep(levels, inside), content_type="application/json")


@pytest.mark.parametrize("levels", [DEPTH_LIMIT + 1, 900, 20_000])
@pytest.mark.parametrize(
    ("seam", "inside"),
    [
        ("createPacket", '{"response": [{"id": "1"}], "more": %s}'),
        ("workflowinstance", '{"response": {"workflowInstanceId": "1"}, "more": %s}'),
    ],
)
async def test_answer_of_the_id_system_is_none(stage: Stage, seam: str, inside: str, levels: int) -> None:
    stage.mosip.faults[seam] = [answer(levels, inside)]
    event = await queued(stage)
    found = await stage.of(event)
    assert (found.state, found.attempts) == (State.QUEUED, 1)
    assert found.last_error and "unexpected" not in found.last_error
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.SUBMITTED


@pytest.mark.parametrize("levels", [DEPTH_LIMIT + 1, 900])
async def test_issuers_key_document(stage: Stage, levels: int) -> None:
    key = stage.mosip.keys["credential-issuer"].private_key.public_key()
    document = json.dumps(well_known.public_key_document(ISSUER, key) | {"more": "HERE"})
    stage.mosip.faults["public-key.json"] = [answer(levels, document.replace('"HERE"', "%s"))]
    event = await issued(stage)  # kept, and opened with the next key document
    assert (await stage.of(event)).state is State.CONFIRMED
    assert stage.mosip.asked["public-key.json"] == 2


@pytest.mark.parametrize("levels", [101, 900, 20_000])
@pytest.mark.parametrize("inside", ["%s", '[{"result": {"data": {"json": %s}}}]'], ids=["bare", "enveloped"])
async def test_answer_of_opencrvs(stage: Stage, inside: str, levels: int) -> None:
    stage.opencrvs.faults[ACCEPT] = [answer(levels, inside)]
    event = await issued(stage)
    found = await stage.of(event)
    assert (found.state, found.attempts) == (State.ISSUED, 1)
    assert found.last_error and "unexpected" not in found.last_error
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_token_of_opencrvs(stage: Stage) -> None:
    await stage.restart(client_id="bridge", client_secret="secret", confirmation="system")
    stage.opencrvs.faults["token"] = [answer(900, '{"access_token": "t", "more": %s}')]
    event = await issued(stage)
    found = await stage.of(event)
    assert (found.state, found.last_error) == (State.ISSUED, "OpenCRVS auth: HTTP 200")
    await stage.world.clock.advance(DAY)
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_answers_about_people(
    stage: Stage, people: StubPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.verdict = {"authStatus": True, "more": json.loads(deep(DEPTH_LIMIT))}
    assert (await ask(stage, "/verify", AMARA))[0] == 503
    monkeypatch.setattr(people, "_signed", lambda claims: DEEP_TOKEN)
    assert (await ask(stage, USER_INFO, FORM))[0] == 503


async def test_token_whose_header_is_deep(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event, DEEP_TOKEN))[0] == 401
