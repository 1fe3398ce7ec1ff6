"""Each line of the error catalogue (contract opencrvs §9.8), where it can be met and in whose words."""

from __future__ import annotations

import json

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.known import vectors
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import status
from wire.world import World

NOBODY = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
every_profile = pytest.mark.parametrize("profile", list(Profile))
new_profiles = pytest.mark.parametrize("profile", [Profile.V2_0, Profile.V2_1])


def _get(profile: Profile, event_id: str) -> object:
    return event_id if profile is Profile.V1_9 else {"eventId": event_id}


@every_profile
@pytest.mark.requirement("OCRVS-STA-11")
async def test_event_not_found(registrar: Browser, profile: Profile) -> None:
    text = f"Event not found with ID: {NOBODY}"
    assert told(await refused(registrar, "event.get", _get(profile, NOBODY), query=True)) == (404, text)
    for path in ("declare", "register", "notify"):
        error = await refused(
            registrar, f"event.actions.{path}.request", {"eventId": NOBODY, "transactionId": "t"}
        )
        assert told(error) == (404, text)


@every_profile
@pytest.mark.requirement("OCRVS-STA-05")
async def test_not_assigned(registrar: Browser, families: Families) -> None:
    record = await registrar.declare(families.birth())
    error = await refused(
        registrar, "event.actions.register.request", {"eventId": record.id, "transactionId": "t"}
    )
    assert told(error) == (409, "You are not assigned to this event")


@every_profile
@pytest.mark.requirement("OCRVS-STA-06")
async def test_a_system_client_is_refused_while_somebody_has_the_record(
    opencrvs: Running, registrar: Browser, enter: Enter
) -> None:
    created = await registrar.create("birth")
    hospital = next(c for c in opencrvs.people.clients.values() if c.name == "Hospital system")
    client = enter(token=await opencrvs.core.tokens.for_client(hospital))
    value = {
        "eventId": created["id"],
        "transactionId": "t",
        "createdAtLocation": "b3d1c2aa-0000-4000-8000-00000000000f",
    }
    error = await refused(client, "event.actions.notify.request", value)
    assert told(error) == (409, "System user can not perform action on assigned event")


@every_profile
@pytest.mark.requirement("OCRVS-RPC-09")
async def test_not_in_this_state(registrar: Browser, families: Families, profile: Profile) -> None:
    created = await registrar.create("birth")
    family = families.birth()
    value = {
        "eventId": created["id"],
        "transactionId": "t",
        "declaration": dict(family.declaration),
        "annotation": dict(family.annotation),
    }
    error = await refused(registrar, "event.actions.register.request", value)
    more = "" if profile is Profile.V1_9 else ", CUSTOM"
    assert told(error) == (
        409,
        "Action 'REGISTER' cannot be performed on an event in 'CREATED' state with [] flags. "
        f"Available actions: READ, DECLARE, NOTIFY, DELETE{more}.",
    )
    empty = await refused(
        registrar, "event.actions.register.request", {"eventId": created["id"], "transactionId": "t"}
    )
    assert empty.http_status == 400, "validation comes before the state"


@new_profiles
async def test_conditions_of_the_country_are_not_met(
    registrar: Browser, families: Families, opencrvs: Running
) -> None:
    never = {"type": "SHOW", "conditional": {"not": {}}}
    form = opencrvs.core.forms.get("birth")
    assert form is not None
    register = next(form.actions("REGISTER"))
    register["conditionals"] = [never]
    record = await registrar.declare(families.birth())
    await registrar.assign(record.id)
    error = await refused(
        registrar, "event.actions.register.request", {"eventId": record.id, "transactionId": "t"}
    )
    del register["conditionals"]
    assert told(error) == (409, "Conditions for action: REGISTER were not met, action cannot be performed")


@every_profile
async def test_an_unknown_field_is_a_500(registrar: Browser, families: Families) -> None:
    created = await registrar.create("birth")
    family = families.birth().changed(child__shoeSize="12")
    value = {
        "eventId": created["id"],
        "transactionId": "t",
        "declaration": dict(family.declaration),
        "annotation": dict(family.annotation),
    }
    error = await refused(registrar, "event.actions.declare.request", value)
    assert told(error) == (500, "Field with id child.shoeSize not found in event config")


@every_profile
async def test_an_unknown_event_type(registrar: Browser, profile: Profile) -> None:
    error = await refused(registrar, "event.create", {"type": "wedding", "transactionId": "t"})
    if profile is Profile.V1_9:
        assert told(error) == (403, "FORBIDDEN")
    else:
        assert told(error) == (400, "No configuration found for event type: wedding")


@new_profiles
async def test_create_tells_no_detail(registrar: Browser) -> None:
    error = await refused(registrar, "event.create", {"type": 5})
    assert told(error) == (400, "BAD_REQUEST")


@new_profiles
async def test_a_file_that_is_not_there(registrar: Browser, families: Families) -> None:
    created = await registrar.create("birth")
    file = {"path": "event-attachments/none.png", "originalFilename": "a.png", "type": "image/png"}
    family = families.birth().changed(documents__proofOfBirth=file)
    value = {
        "eventId": created["id"],
        "transactionId": "t",
        "declaration": dict(family.declaration),
        "annotation": dict(family.annotation),
    }
    error = await refused(registrar, "event.actions.declare.request", value)
    assert told(error) == (400, "File not found: event-attachments/none.png")


@every_profile
@pytest.mark.parametrize(
    ("clauses", "text"),
    [([{}], "At least one query field must be specified."), ([], "At least one clause is required.")],
)
async def test_an_empty_query(registrar: Browser, clauses: list[object], text: str) -> None:
    value = {"query": {"type": "and", "clauses": clauses}}
    error = await refused(registrar, "event.search", value, query=True)
    assert error.http_status == 400
    assert text in [issue["message"] for issue in json.loads(error.message)]
    stripped = await refused(
        registrar, "event.search", {"query": {"type": "and", "clauses": [{"colour": "red"}]}}, query=True
    )
    assert "At least one query field must be specified." in stripped.message


@new_profiles
async def test_an_unknown_custom_action(registrar: Browser, enter: Enter, opencrvs: Running) -> None:
    created = await registrar.create("birth")
    user = opencrvs.people.by_username("k.mweene")
    assert user is not None
    scopes = [*opencrvs.people.scopes_of(user), "type=record.custom-action"]
    holder = enter(token=await opencrvs.core.tokens.for_user(user, scopes))
    value = {"eventId": created["id"], "transactionId": "t", "customActionType": "DANCE"}
    error = await refused(holder, "event.actions.custom.request", value)
    assert told(error) == (400, "Custom action configuration not found with name: DANCE")
    unseen = (404, f"Event not found with ID: {created['id']}")
    assert told(await refused(registrar, "event.actions.custom.request", value)) == unseen


@every_profile
async def test_an_unknown_user(registrar: Browser, profile: Profile) -> None:
    error = await refused(registrar, "user.get", NOBODY, query=True)
    text = "NOT_FOUND" if profile is Profile.V1_9 else f"User not found: {NOBODY}"
    assert told(error) == (404, text)


@every_profile
@pytest.mark.requirement("OCRVS-RPC-02")
async def test_an_unknown_procedure_and_the_wrong_method(registrar: Browser) -> None:
    error = await refused(registrar, "event.nope", {"a": 1})
    assert told(error) == (404, 'No procedure found on path "event.nope"')
    wrong = await refused(registrar, "event.create", {"type": "birth"}, query=True)
    assert told(wrong) == (405, 'Unsupported GET-request to mutation procedure at path "event.create"')


@every_profile
async def test_a_user_who_is_gone(registrar: Browser, opencrvs: Running) -> None:
    await registrar.log_in()
    del opencrvs.people.users[registrar.user_id]
    assert told(await refused(registrar, "event.config.get", query=True, value={})) == (
        401,
        "Authentication failed",
    )


@every_profile
async def test_a_correction_request_that_is_not_there(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth())
    await registrar.register(record.id)
    await registrar.assign(record.id)
    value = {"eventId": record.id, "transactionId": "t", "requestId": NOBODY}
    error = await refused(registrar, "event.actions.correction.approve.request", value)
    assert told(error) == (404, f"Correction request not found with ID: {NOBODY}")


@every_profile
@pytest.mark.requirement("OCRVS-RPC-08")
async def test_a_wrong_declaration_is_told_field_by_field(registrar: Browser, families: Families) -> None:
    created = await registrar.create("birth")
    family = families.birth().changed(child__gender=None, child__dob="2030-01-01")
    value = {
        "eventId": created["id"],
        "transactionId": "t",
        "declaration": dict(family.declaration),
        "annotation": {},
    }
    error = await refused(registrar, "event.actions.declare.request", value)
    assert error.http_status == 400
    assert json.loads(error.message) == [
        {"message": "Required", "id": "child.gender"},
        {"message": "Must be a valid birth date", "id": "child.dob", "value": "2030-01-01"},
        {"message": "Required", "id": "review.comment"},
        {"message": "Required", "id": "review.signature"},
    ]
    # what was sent for hidden fields is told alone, by its plain values
    hidden = {"father.reason": "x", "child.birthLocation.other": {"country": "FAR"}}
    error = await refused(
        registrar, "event.actions.declare.request", {**value, "declaration": value["declaration"] | hidden}
    )
    words = "Hidden or disabled field should not receive a value"
    assert json.loads(error.message) == [
        {"message": words, "id": "father.reason", "value": "x"},
        {"message": words, "id": "child.birthLocation.other.country", "value": "FAR"},
    ]


@every_profile
@pytest.mark.parametrize("kind", ["birth", "death"])
async def test_the_shared_declarations_are_taken(registrar: Browser, kind: str, world: World) -> None:
    shared = vectors("declarations")[kind]
    created = await registrar.create(kind)
    declaration = shared["declaration"] | {
        k: v for k, v in shared["mosipExtras"].items() if not k.startswith("_")
    }
    event = await registrar.act(
        "declare", created["id"], declaration=declaration, annotation=shared["annotation"]
    )
    assert status(event) == "DECLARED"


@every_profile
@pytest.mark.requirement("OCRVS-RPC-07")
async def test_strictness_is_the_profiles(registrar: Browser, families: Families, profile: Profile) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    value = {"eventId": record.id, "transactionId": "t", "content": {"reason": "r"}, "foo": 1}
    if profile is Profile.V1_9:
        await registrar.mutate("event.actions.reject.request", value)
        return
    error = await refused(registrar, "event.actions.reject.request", value)
    (issue,) = json.loads(error.message)
    assert issue["message"] == 'Unrecognized key: "foo"'
    empty = await refused(
        registrar, "event.actions.reject.request", {**value, "foo": 1, "content": {"reason": ""}}
    )
    assert "Message cannot be empty" in empty.message


async def test_assign_needs_its_type(registrar: Browser, families: Families) -> None:
    record = await registrar.declare(families.birth())
    value = {"eventId": record.id, "transactionId": "t", "assignedTo": registrar.user_id}
    error = await refused(registrar, "event.actions.assignment.assign", value)
    assert json.loads(error.message)[0]["path"] == ["type"]
