"""Every answer of the country server and what becomes of the record (contract opencrvs §1.1, §1.2, §1.4)."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.country_server import Asked, CountryServer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import assigned_to, pending_actions, status
from wire.opencrvs.tokens import COUNTRY_CONFIG, peek
from wire.opencrvs.trpc import TRPCError

UNEXPECTED = "Unexpected failure from country config action confirmation API"
INVALID = "Invalid payload received from country config action confirmation API"
every_profile = pytest.mark.parametrize("profile", list(Profile))


async def _fails(registrar: Browser, record: str, transaction_id: str = "reg") -> TRPCError:
    with pytest.raises(TRPCError) as caught:
        await registrar.register(record, transaction_id=transaction_id)
    return caught.value


@pytest.mark.requirement("OCRVS-TRG-01", "OCRVS-TRG-02")
async def test_the_request_is_node_fetchs_with_the_bare_document(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    record = await registrar.declare(families.birth())
    await registrar.register(record.id)
    asked = country.last("REGISTER")
    assert asked.headers["Accept"] == "*/*"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"].startswith("node-fetch/")
    assert asked.event["id"] == record.id
    last = asked.event["actions"][-1]
    assert (last["type"], last["status"]) == ("REGISTER", "Requested")
    assert "registrationNumber" not in last
    claims = opencrvs.core.tokens.verify(asked.token, COUNTRY_CONFIG)
    assert (claims["eventId"], claims["actionId"]) == (record.id, last["id"])
    assert claims["exp"] - claims["iat"] == 604_800
    assert "role" not in claims
    assert [a.path for a in country.asked] == [
        "/trigger/events/birth/actions/DECLARE",
        "/trigger/events/birth/actions/REGISTER",
    ]


@every_profile
@pytest.mark.parametrize("answer", [201, 204, 401, 403, 404, 409, 422, 500, 503])
@pytest.mark.requirement("OCRVS-ANS-04")
async def test_any_other_status_is_a_500_and_leaves_the_request(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running, answer: int
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", web.Response(status=answer))
    assert told(await _fails(registrar, record.id)) == (500, UNEXPECTED)
    event = opencrvs.records.snapshot(record.id)
    assert event is not None
    (pending,) = pending_actions(event)
    assert pending["type"] == "REGISTER"
    assert assigned_to(event) == registrar.user_id
    row = await registrar.row(record.id)
    assert row is not None
    assert "register:requested" not in row["flags"], "it must not be indexed again"


@pytest.mark.requirement("OCRVS-ANS-05")
async def test_no_answer_is_a_500_too(registrar: Browser, families: Families, country: CountryServer) -> None:
    record = await registrar.declare(families.birth())
    await country.server.close()
    assert told(await _fails(registrar, record.id)) == (500, UNEXPECTED)


@every_profile
@pytest.mark.parametrize(
    "answer",
    [
        web.json_response({}),
        web.json_response({"registrationNumber": 7}),
        web.json_response({"registrationNumber": "A", "declaration": []}),
        web.json_response({"registrationNumber": "A", "annotation": "x"}),
        web.json_response([]),
        web.Response(text="registered"),
    ],
    ids=["empty", "number", "declaration", "annotation", "list", "text"],
)
@pytest.mark.requirement("OCRVS-ANS-06")
async def test_a_200_that_does_not_fit_is_an_invalid_payload(
    registrar: Browser, families: Families, country: CountryServer, answer: web.Response
) -> None:
    record = await registrar.declare(families.birth())
    body = answer.body
    assert isinstance(body, bytes)
    country.will("REGISTER", web.Response(body=body, content_type=answer.content_type))
    assert told(await _fails(registrar, record.id)) == (500, INVALID)


@every_profile
@pytest.mark.requirement("OCRVS-ANS-07")
async def test_unknown_keys_are_dropped_from_2_0_on_and_invalid_before(
    registrar: Browser, families: Families, country: CountryServer, profile: Profile
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", 200, {"registrationNumber": "A1", "extra": True})
    if profile is Profile.V1_9:
        assert told(await _fails(registrar, record.id)) == (500, INVALID)
    else:
        assert status(await registrar.register(record.id)) == "REGISTERED"


@pytest.mark.requirement("OCRVS-TRG-07")
async def test_a_redirect_is_followed_with_its_body(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", web.Response(status=307, headers={"Location": f"{country.url}/elsewhere"}))
    country.will("elsewhere", 200, {"registrationNumber": "A1"})
    assert status(await registrar.register(record.id)) == "REGISTERED"
    assert country.last("elsewhere").event["id"] == record.id


@pytest.mark.requirement("OCRVS-TRG-08")
async def test_the_same_transaction_id_again_silently_does_nothing(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", 500)
    await _fails(registrar, record.id, "outbox-1")
    asked = len(country.asked)
    event = await registrar.retry_register(record.id, "outbox-1")
    assert len(country.asked) == asked
    assert [a["status"] for a in event["actions"] if a["type"] == "REGISTER"] == ["Requested"]
    conflict = await _fails(registrar, record.id, "outbox-2")
    assert told(conflict) == (
        409,
        "Action 'REGISTER' cannot be performed on an event in 'DECLARED' state with [register:requested] "
        "flags. Available actions: READ.",
    )


@pytest.mark.requirement("OCRVS-TRG-09")
async def test_a_declaration_that_waits_is_put_to_the_country_again(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    family = families.birth()
    created = await registrar.create("birth")
    value = {"declaration": dict(family.declaration), "annotation": dict(family.annotation)}
    country.will("DECLARE", 500)
    with pytest.raises(TRPCError):
        await registrar.act("declare", created["id"], transaction_id="d1", **value)
    event = await registrar.act("declare", created["id"], transaction_id="d1", **value)
    assert [a.action for a in country.asked] == ["DECLARE", "DECLARE"]
    assert status(event) == "DECLARED"


async def test_two_pending_declarations_are_one_too_many(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    family = families.birth()
    created = await registrar.create("birth")
    value = {"declaration": dict(family.declaration), "annotation": dict(family.annotation)}
    country.will("DECLARE", 202)
    await registrar.act("declare", created["id"], **value)
    with pytest.raises(TRPCError) as caught:
        await registrar.act("declare", created["id"], **value)
    assert caught.value.http_status == 500
    event = opencrvs.records.snapshot(created["id"])
    assert event is not None
    ids = ", ".join(action["id"] for action in pending_actions(event))
    assert caught.value.message == f"Expected exactly one pending action, but found {ids}"


async def test_a_declaration_that_waits_is_not_in_search(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    family = families.birth()
    created = await registrar.create("birth")
    country.will("DECLARE", 202)
    await registrar.act(
        "declare", created["id"], declaration=dict(family.declaration), annotation=dict(family.annotation)
    )
    assert await registrar.row(created["id"]) is None


@pytest.mark.requirement("OCRVS-TRG-06")
async def test_the_registrar_waits_as_long_as_the_country_does(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    record = await registrar.declare(families.birth())
    go = asyncio.Event()

    async def slowly(asked: Asked) -> web.Response:
        await go.wait()
        return web.json_response({"registrationNumber": "SLOW"})

    country.will("REGISTER", slowly)
    country.arrived.clear()
    waiting = asyncio.create_task(registrar.register(record.id))
    await country.arrived.wait()
    await opencrvs.world.clock.advance(30 * 24 * 3600)
    assert not waiting.done()
    go.set()
    assert status(await waiting) == "REGISTERED"


@pytest.mark.parametrize("profile", [Profile.V1_9, Profile.V2_0])
@pytest.mark.requirement("OCRVS-ANS-08")
async def test_rejected_may_be_tried_again(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", 400)
    await registrar.register(record.id)
    assert status(await registrar.register(record.id)) == "REGISTERED"


async def test_every_exchange_is_in_the_journal_under_its_record(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    record = await registrar.declare(families.birth())
    await registrar.register(record.id)
    told_of = [(e.direction, e.operation) for e in opencrvs.journal.about(record.id)]
    assert ("out", "trigger.REGISTER") in told_of
    assert ("in", "event.actions.register.request") in told_of
    shown = "".join(e.request + e.response for e in opencrvs.journal)
    assert "eyJ" not in shown


@pytest.mark.requirement("OCRVS-TRG-04")
async def test_the_trigger_token_opens_this_record_only(
    registrar: Browser, families: Families, country: CountryServer, enter: Enter
) -> None:
    first = await registrar.declare(families.birth())
    second = await registrar.declare(families.birth())
    country.will("REGISTER", 202)
    await registrar.register(first.id)
    holder = enter(token=country.last("REGISTER").token)
    assert (await holder.get(first.id))["id"] == first.id
    error = await refused(holder, "event.get", {"eventId": second.id}, query=True)
    assert told(error) == (403, "Token does not grant access to this event")
    assert await holder.query("locations.list")


@pytest.mark.parametrize("profile", [Profile.V2_1])
@pytest.mark.requirement("OCRVS-TRG-05")
async def test_in_2_1_the_trigger_token_cannot_call_back(
    registrar: Browser, families: Families, country: CountryServer, enter: Enter
) -> None:
    record = await registrar.declare(families.birth())
    token = country.last("DECLARE").token
    assert peek(token)["scope"] == []
    error = await refused(enter(token=token), "event.get", {"eventId": record.id}, query=True)
    # it is for the country config alone: the gateway refuses it
    assert told(error) == (401, "HTTP 401 without a tRPC answer: Invalid token")
