"""The accept/reject table of contract opencrvs §4.4, line by line, in every profile where it applies."""

from __future__ import annotations

import asyncio
import json

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import Pending, confirming_token, pending_registration, refused, told
from tests.servers.mock_opencrvs.conftest import Enter, Start
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import assigned_to, status
from wire.opencrvs.trpc import TRPCError
from wire.world import World

EVERY = list(Profile)
RECORD_TOKEN = [Profile.V1_9, Profile.V2_0]
ACCEPT = "event.actions.register.accept"
REJECT = "event.actions.register.reject"
SOMEBODY = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"

every_profile = pytest.mark.parametrize("profile", EVERY)
record_token = pytest.mark.parametrize("profile", RECORD_TOKEN)
only_2_1 = pytest.mark.parametrize("profile", [Profile.V2_1])


@pytest.fixture
async def pending(
    opencrvs: Running, registrar: Browser, families: Families, country: CountryServer
) -> Pending:
    return await pending_registration(opencrvs, registrar, families, country)


@pytest.fixture
def mediator(enter: Enter, pending: Pending) -> Browser:
    return enter(token=pending.token)


@every_profile
@pytest.mark.requirement("OCRVS-ACC-01")
async def test_invalid_input_is_a_400_with_the_profiles_zod_words(
    mediator: Browser, pending: Pending, profile: Profile
) -> None:
    error = await refused(mediator, ACCEPT, pending.input(registrationNumber=None))
    assert error.http_status == 400
    (issue,) = json.loads(error.message)
    assert issue["path"] == ["registrationNumber"]
    if profile is Profile.V1_9:
        assert issue["message"] == "Required"
        assert issue["received"] == "undefined"
    else:
        assert issue["message"] == "Invalid input: expected string, received undefined"
    bad_id = await refused(mediator, REJECT, pending.reject_input(eventId="nope"))
    assert json.loads(bad_id.message)[0]["path"] == ["eventId"]


@pytest.mark.parametrize("profile", [Profile.V2_0])
@pytest.mark.requirement("OCRVS-ACC-02")
async def test_a_users_own_token_lacks_the_scopes(registrar: Browser, pending: Pending) -> None:
    assert told(await refused(registrar, ACCEPT, pending.input())) == (
        403,
        "Missing required scopes for action confirmation",
    )


@pytest.mark.parametrize("profile", [Profile.V1_9])
@pytest.mark.requirement("OCRVS-ACC-03")
async def test_a_1_9_registrar_has_the_scopes_but_not_the_claims(
    registrar: Browser, pending: Pending
) -> None:
    for path, value in ((ACCEPT, pending.input()), (REJECT, pending.reject_input())):
        assert told(await refused(registrar, path, value)) == (
            403,
            "Missing required claims for action confirmation",
        )


@record_token
@pytest.mark.requirement("OCRVS-ACC-04")
async def test_other_ids_than_the_claims_are_forbidden(mediator: Browser, pending: Pending) -> None:
    for changed in ({"eventId": SOMEBODY}, {"actionId": SOMEBODY}):
        assert told(await refused(mediator, ACCEPT, pending.input(**changed))) == (403, "FORBIDDEN")
        assert told(await refused(mediator, REJECT, pending.reject_input(**changed))) == (403, "FORBIDDEN")


@record_token
@pytest.mark.requirement("OCRVS-ACC-05")
async def test_an_unknown_event_is_not_found(
    opencrvs: Running, enter: Enter, registrar: Browser, pending: Pending
) -> None:
    claims = opencrvs.core.tokens.verify(registrar.token, "opencrvs:auth-user")
    browser = enter(token=await opencrvs.core.tokens.for_action(claims, SOMEBODY, SOMEBODY))
    value = pending.input(eventId=SOMEBODY, actionId=SOMEBODY)
    assert told(await refused(browser, ACCEPT, value)) == (404, f"Event not found with ID: {SOMEBODY}")


@every_profile
@pytest.mark.requirement("OCRVS-ACC-06")
async def test_an_unknown_action_is_404_for_accept_and_500_for_reject(
    opencrvs: Running, enter: Enter, registrar: Browser, pending: Pending, profile: Profile
) -> None:
    browser = enter(token=pending.token)
    if profile is not Profile.V2_1:
        claims = opencrvs.core.tokens.verify(registrar.token, "opencrvs:auth-user")
        browser.token = await opencrvs.core.tokens.for_action(claims, pending.id, SOMEBODY)
    accept = await refused(browser, ACCEPT, pending.input(actionId=SOMEBODY))
    assert told(accept) == (404, "Action not found.")
    reject = await refused(browser, REJECT, pending.reject_input(actionId=SOMEBODY))
    assert told(reject) == (500, "Action not found.")


@every_profile
@pytest.mark.requirement("OCRVS-ACC-07")
async def test_accept_writes_accepted_and_unassign(
    mediator: Browser, registrar: Browser, pending: Pending, profile: Profile
) -> None:
    event = await mediator.mutate(ACCEPT, pending.input(declaration={"child.nid": "6041872935"}))
    accepted = next(a for a in event["actions"] if a.get("originalActionId") == pending.action_id)
    assert accepted["status"] == "Accepted"
    assert accepted["declaration"] == {"child.nid": "6041872935"}
    assert status(event) == "REGISTERED"
    assert assigned_to(event) is None
    if profile is Profile.V2_1:
        assert accepted["createdByUserType"] == "system"
        assert event["actions"][-1] == accepted
    else:
        assert accepted["createdBy"] == registrar.user_id
        assert event["actions"][-1]["type"] == "UNASSIGN"
        assert event["actions"][-1]["transactionId"] == accepted["transactionId"]


@every_profile
@pytest.mark.requirement("OCRVS-ACC-08")
async def test_a_second_accept_changes_nothing(mediator: Browser, pending: Pending) -> None:
    first = await mediator.mutate(ACCEPT, pending.input())
    again = await mediator.mutate(
        ACCEPT,
        pending.input(transactionId="other", registrationNumber="OTHER", declaration={"child.nid": "1"}),
    )
    assert again["actions"] == first["actions"]


@every_profile
@pytest.mark.requirement("OCRVS-ACC-09")
async def test_accept_after_reject_is_400_and_reject_after_accept_is_500(
    mediator: Browser,
    pending: Pending,
    opencrvs: Running,
    registrar: Browser,
    families: Families,
    country: CountryServer,
    enter: Enter,
) -> None:
    rejected = await mediator.mutate(REJECT, pending.reject_input())
    assert any(a["status"] == "Rejected" for a in rejected["actions"])
    assert told(await refused(mediator, ACCEPT, pending.input())) == (
        400,
        "Action has already been rejected.",
    )
    again = await mediator.mutate(REJECT, pending.reject_input(transactionId="again"))
    assert again["actions"] == rejected["actions"]

    other = await pending_registration(opencrvs, registrar, families, country)
    second = enter(token=other.token)
    await second.mutate(ACCEPT, other.input())
    error = await refused(second, REJECT, other.reject_input())
    assert told(error) == (500, "Action has already been accepted.")


@record_token
async def test_the_wrong_procedure_is_not_noticed(mediator: Browser, pending: Pending) -> None:
    event = await mediator.mutate("event.actions.declare.accept", pending.input(registrationNumber=None))
    written = next(a for a in event["actions"] if a.get("originalActionId") == pending.action_id)
    assert written["type"] == "DECLARE"


@only_2_1
@pytest.mark.requirement("OCRVS-ACC-11")
async def test_2_1_notices_the_wrong_procedure_and_what_is_not_pending(
    mediator: Browser, pending: Pending
) -> None:
    create = pending.event["actions"][0]["id"]
    error = await refused(mediator, ACCEPT, pending.input(actionId=create))
    assert told(error) == (400, f"Action {create} is not awaiting confirmation.")
    declared = next(
        a for a in pending.event["actions"] if a["type"] == "DECLARE" and a["status"] == "Accepted"
    )
    value = pending.input(actionId=declared["id"], registrationNumber=None)
    error = await refused(mediator, "event.actions.declare.accept", value)
    assert told(error) == (400, f"Action {declared['id']} is not awaiting confirmation.")


@only_2_1
@pytest.mark.requirement("OCRVS-ACC-10", "OCRVS-ACC-12")
async def test_2_1_refuses_users_clients_without_the_scope_and_assigned_records(
    opencrvs: Running, mediator: Browser, registrar: Browser, pending: Pending, enter: Enter
) -> None:
    assert told(await refused(registrar, ACCEPT, pending.input())) == (403, "FORBIDDEN")
    hospital = next(c for c in opencrvs.people.clients.values() if c.name == "Hospital system")
    browser = enter(token=await opencrvs.core.tokens.for_client(hospital))
    assert told(await refused(browser, ACCEPT, pending.input())) == (403, "FORBIDDEN")
    await registrar.assign(pending.id)
    assert told(await refused(mediator, ACCEPT, pending.input())) == (409, "User is assigned to this event")


@record_token
@pytest.mark.requirement("OCRVS-STA-07")
async def test_accept_does_not_mind_an_assignment_to_somebody_else(
    mediator: Browser, registrar: Browser, pending: Pending, enter: Enter
) -> None:
    value = {"eventId": pending.id, "transactionId": "u", "assignedTo": None}
    await registrar.mutate("event.actions.assignment.unassign", value)
    await enter("f.katongo").assign(pending.id)
    event = await mediator.mutate(ACCEPT, pending.input())
    assert status(event) == "REGISTERED"
    assert assigned_to(event) is None


@record_token
async def test_keep_assignment_is_kept(mediator: Browser, registrar: Browser, pending: Pending) -> None:
    event = await mediator.mutate(ACCEPT, pending.input(keepAssignment=True))
    assert assigned_to(event) == registrar.user_id


@every_profile
@pytest.mark.requirement("OCRVS-ACC-13")
async def test_a_taken_registration_number_is_a_500_and_writes_nothing(
    opencrvs: Running,
    registrar: Browser,
    families: Families,
    country: CountryServer,
    enter: Enter,
    mediator: Browser,
    pending: Pending,
) -> None:
    await mediator.mutate(ACCEPT, pending.input(registrationNumber="TAKEN"))
    other = await pending_registration(opencrvs, registrar, families, country)
    error = await refused(enter(token=other.token), ACCEPT, other.input(registrationNumber="TAKEN"))
    text = 'duplicate key value violates unique constraint "event_actions_registration_number_key"'
    assert told(error) == (500, text)
    event = opencrvs.records.snapshot(other.id)
    assert event is not None
    assert not any(a.get("originalActionId") == other.action_id for a in event["actions"])


@record_token
@pytest.mark.requirement("OCRVS-ACC-14")
async def test_one_transaction_id_for_two_records_silently_does_nothing_the_second_time(
    opencrvs: Running,
    registrar: Browser,
    families: Families,
    country: CountryServer,
    enter: Enter,
    mediator: Browser,
    pending: Pending,
) -> None:
    await mediator.mutate(ACCEPT, pending.input(transactionId="same"))
    other = await pending_registration(opencrvs, registrar, families, country)
    event = await enter(token=other.token).mutate(ACCEPT, other.input(transactionId="same"))
    assert status(event) != "REGISTERED"
    assert assigned_to(event) == registrar.user_id


@record_token
@pytest.mark.requirement("OCRVS-ACC-15")
async def test_five_accepts_at_once_write_one_row(opencrvs: Running, pending: Pending, enter: Enter) -> None:
    browsers = [enter(token=pending.token) for _ in range(5)]
    inputs = [pending.input(transactionId=f"t{n}") for n in range(5)]
    await asyncio.gather(
        *(b.mutate(ACCEPT, v) for b, v in zip(browsers, inputs, strict=True)), return_exceptions=True
    )
    event = opencrvs.records.snapshot(pending.id)
    assert event is not None
    assert sum(a.get("originalActionId") == pending.action_id for a in event["actions"]) == 1


@record_token
@pytest.mark.requirement("OCRVS-ACC-16")
async def test_child_nid_on_a_stock_form_is_written_and_then_500(
    start_opencrvs: Start, world: World, families: Families, country: CountryServer, profile: Profile
) -> None:
    stock = await start_opencrvs(mosip_fields=False)
    async with Browser(stock.gateway_url, world, profile=profile) as registrar:
        pending = await pending_registration(stock, registrar, families, country)
        registrar.token = pending.token
        value = pending.input(declaration={"child.nid": "6041872935"})
        error = await refused(registrar, ACCEPT, value)
        assert told(error) == (500, "Field with id child.nid not found in event config")
        again = await registrar.mutate(ACCEPT, value)
        assert status(again) == "REGISTERED"
        # from then on nobody can read it, and search goes on showing what it was (§0.4 row 20)
        unreadable = "Field with id child.nid not found in event config"
        if profile is Profile.V2_0:
            unreadable = "Cannot read properties of undefined (reading 'type')"
        for token in (pending.token, None):
            registrar.token = token
            error = await refused(registrar, "event.get", read_input(profile, pending.id), query=True)
            assert told(error) == (500, unreadable)
        row = await registrar.row(pending.id)
        assert row is not None and "register:requested" in row["flags"]
        registrar.token = pending.token
        assert (await refused(registrar, REJECT, pending.reject_input())).http_status == 500


def read_input(profile: Profile, event_id: str) -> object:
    return event_id if profile is Profile.V1_9 else {"eventId": event_id}


@every_profile
@pytest.mark.requirement("OCRVS-ACC-17")
async def test_late_reject_of_a_reject_fails_before_2_1(
    opencrvs: Running,
    registrar: Browser,
    families: Families,
    country: CountryServer,
    enter: Enter,
    profile: Profile,
) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    country.will("REJECT", 202)
    await registrar.act("reject", record.id, content={"reason": "wrong name"})
    asked = country.last("REJECT")
    browser = enter(token=await confirming_token(opencrvs, asked.token))
    value = {"eventId": record.id, "actionId": asked.action_id, "transactionId": "late"}
    if profile is Profile.V2_1:
        event = await browser.mutate("event.actions.reject.reject", value)
        assert any(a["status"] == "Rejected" for a in event["actions"])
        return
    error = await refused(browser, "event.actions.reject.reject", value)
    assert told(error) == (
        500,
        'new row for relation "event_actions" violates check constraint "event_actions_check"',
    )
    lacking = await refused(browser, "event.actions.reject.accept", {**value, "transactionId": "a"})
    assert lacking.http_status == 400
    accepted = await browser.mutate(
        "event.actions.reject.accept", {**value, "content": {"reason": "so it is"}}
    )
    assert any(a["type"] == "REJECT" and a["status"] == "Accepted" for a in accepted["actions"])


@record_token
@pytest.mark.requirement("OCRVS-ACC-18")
async def test_production_masks_the_500(
    start_opencrvs: Start, world: World, families: Families, country: CountryServer, profile: Profile
) -> None:
    masked = await start_opencrvs(production=True)
    async with Browser(masked.gateway_url, world, profile=profile) as registrar:
        pending = await pending_registration(masked, registrar, families, country)
        registrar.token = pending.token
        await registrar.mutate(ACCEPT, pending.input())
        error = await refused(registrar, REJECT, pending.reject_input())
        assert told(error) == (500, "Internal server error")
        assert error.data == {"code": "INTERNAL_SERVER_ERROR", "httpStatus": 500}


@pytest.mark.parametrize("profile", [Profile.V2_0])
@pytest.mark.requirement("OCRVS-TOK-09")
async def test_an_expired_token_is_the_gateways_refusal(
    mediator: Browser, pending: Pending, world: World
) -> None:
    await world.clock.advance(604_801)
    error = await refused(mediator, ACCEPT, pending.input())
    assert error.http_status == 401
    assert not error.enveloped


@pytest.mark.parametrize("profile", [Profile.V2_0])
@pytest.mark.requirement("OCRVS-ACC-19")
async def test_null_for_the_national_id_removes_nothing_and_is_taken(
    mediator: Browser, registrar: Browser, pending: Pending
) -> None:
    """The mediator's `undefined` arrives as null (§3.4)."""
    event = await mediator.mutate(ACCEPT, pending.input(declaration={"child.nid": None}))
    assert status(event) == "REGISTERED"
    row = await registrar.row(pending.id)
    assert row is not None
    assert "child.nid" not in row["declaration"]


@pytest.mark.requirement("OCRVS-TRG-03", "OCRVS-STA-12")
async def test_the_callback_that_overtakes_the_202_leaves_search_stale(
    registrar: Browser, families: Families, country: CountryServer, enter: Enter
) -> None:
    from aiohttp import web

    from tests.servers.mock_opencrvs.country_server import Asked

    record = await registrar.declare(families.birth())

    async def accept_first(asked: Asked) -> web.Response:
        value = {
            "eventId": record.id,
            "actionId": asked.action_id,
            "transactionId": "fast",
            "registrationNumber": "F1",
        }
        await enter(token=asked.token).mutate(ACCEPT, value)
        return web.json_response({}, status=202)

    country.will("REGISTER", accept_first)
    seen = await registrar.register(record.id)
    assert seen["actions"][-1]["status"] == "Requested"
    row = await registrar.row(record.id)
    assert row is not None
    assert "register:requested" in row["flags"]
    assert await registrar.in_queue(record.id, "in-external-validation")
    assert status(await registrar.get(record.id)) == "REGISTERED"
    assert not await registrar.in_queue(record.id, "in-external-validation")


@pytest.mark.parametrize(
    ("answer", "number", "outcome"), [(200, "F1", "500"), (200, "F2", "two"), (400, "", "both")]
)
@pytest.mark.requirement("OCRVS-ANS-09")
async def test_an_answer_after_an_accept_is_written_too(
    registrar: Browser,
    families: Families,
    country: CountryServer,
    enter: Enter,
    answer: int,
    number: str,
    outcome: str,
) -> None:
    from aiohttp import web

    from tests.servers.mock_opencrvs.country_server import Asked

    record = await registrar.declare(families.birth())

    async def accept_first(asked: Asked) -> web.Response:
        value = {
            "eventId": record.id,
            "actionId": asked.action_id,
            "transactionId": "fast",
            "registrationNumber": "F1",
        }
        await enter(token=asked.token).mutate(ACCEPT, value)
        return web.json_response({"registrationNumber": number} if number else {}, status=answer)

    country.will("REGISTER", accept_first)
    if outcome == "500":
        with pytest.raises(TRPCError) as caught:
            await registrar.register(record.id)
        assert caught.value.http_status == 500
        return
    event = await registrar.register(record.id)
    rows = [a["status"] for a in event["actions"] if a["type"] == "REGISTER"]
    assert rows == ["Requested", "Accepted", "Accepted" if outcome == "two" else "Rejected"]
    row = await registrar.row(record.id)
    assert row is not None
    assert row["status"] == "REGISTERED"
    if outcome == "both":
        assert "register:rejected" in row["flags"]
    else:
        assert row["legalStatuses"]["REGISTERED"]["registrationNumber"] == "F2"
