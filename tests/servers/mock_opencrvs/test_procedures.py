"""What the other procedures do: drafts, delete, notify, edit, archive, custom, integrations, queues."""

from __future__ import annotations

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter, Start
from tests.servers.mock_opencrvs.country import CountryServer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import assigned_to, status
from wire.world import World

every_profile = pytest.mark.parametrize("profile", list(Profile))
new_profiles = pytest.mark.parametrize("profile", [Profile.V2_0, Profile.V2_1])


@every_profile
@pytest.mark.requirement("OCRVS-STA-02")
async def test_create_is_idempotent_on_transaction_and_type(registrar: Browser) -> None:
    birth = {"type": "birth", "transactionId": "same"}
    one, again = [await registrar.mutate("event.create", birth) for _ in range(2)]
    other = await registrar.mutate("event.create", {"type": "death", "transactionId": "same"})
    assert one == again
    assert other["id"] != one["id"]
    assert [a["type"] for a in one["actions"]] == ["CREATE", "ASSIGN"]
    assert await registrar.row(one["id"]) is None, "what is only CREATED is not in search"


@every_profile
@pytest.mark.requirement("OCRVS-STA-03")
async def test_get_writes_a_read_that_does_not_move_updated_at(
    registrar: Browser, families: Families, world: World
) -> None:
    record = await registrar.declare(families.birth())
    before = await registrar.row(record.id)
    await world.clock.advance(60)
    event = await registrar.get(record.id)
    assert event["actions"][-1]["type"] == "READ"
    after = await registrar.row(record.id)
    assert before is not None
    assert after is not None
    assert after["updatedAt"] == before["updatedAt"]


@every_profile
async def test_a_draft_is_one_for_record_and_user_and_goes_with_the_next_action(
    registrar: Browser, families: Families
) -> None:
    event = await registrar.create("birth")
    value = {"eventId": event["id"], "transactionId": "d1", "type": "DECLARE", "status": "Requested"}
    first = await registrar.mutate("event.draft.create", {**value, "declaration": {"child.gender": "male"}})
    later = {**value, "transactionId": "d2", "declaration": {"child.gender": "female"}}
    second = await registrar.mutate("event.draft.create", later)
    assert (second["id"], second["transactionId"]) == (first["id"], "d1")
    assert second["action"]["declaration"] == {"child.gender": "female"}
    assert second["action"]["status"] == "Accepted"
    assert await registrar.query("event.draft.list") == [second]
    family = families.birth()
    told_so = {"declaration": dict(family.declaration), "annotation": dict(family.annotation)}
    await registrar.act("declare", event["id"], **told_so)
    assert await registrar.query("event.draft.list") == []


@every_profile
async def test_only_what_is_created_can_be_deleted(registrar: Browser, families: Families) -> None:
    event = await registrar.create("birth")
    assert await registrar.mutate("event.delete", {"eventId": event["id"]}) == {"id": event["id"]}
    gone = await refused(registrar, "event.delete", {"eventId": event["id"]})
    assert told(gone) == (404, f"Event not found with ID: {event['id']}")
    record = await registrar.declare(families.birth(), keep_assignment=True)
    error = await refused(registrar, "event.delete", {"eventId": record.id})
    assert error.http_status == 409
    assert error.message.startswith("Action 'DELETE' cannot be performed on an event in 'DECLARED' state")


@every_profile
@pytest.mark.requirement("OCRVS-STA-04")
async def test_assign_stores_the_caller_and_refuses_what_another_holds(
    registrar: Browser, families: Families, enter: Enter
) -> None:
    record = await registrar.declare(families.birth())
    agent = enter("f.katongo")
    await agent.log_in()
    await registrar.log_in()
    value = {"eventId": record.id, "transactionId": "a", "type": "ASSIGN", "assignedTo": agent.user_id}
    event = await registrar.mutate("event.actions.assignment.assign", value)
    assert assigned_to(event) == registrar.user_id, "whatever was sent"
    taken = await refused(
        agent, "event.actions.assignment.assign", {**value, "transactionId": "b", "assignedTo": agent.user_id}
    )
    assert told(taken) == (409, "CONFLICT")
    give_back = {"eventId": record.id, "transactionId": "u"}
    assert told(await refused(agent, "event.actions.assignment.unassign", give_back)) == (403, "FORBIDDEN")
    event = await registrar.mutate("event.actions.assignment.unassign", give_back)
    assert assigned_to(event) is None
    again = await registrar.mutate("event.actions.assignment.unassign", {**give_back, "transactionId": "v"})
    assert again["actions"] == event["actions"]


@every_profile
async def test_a_notification_is_partial_and_names_no_strange_field(registrar: Browser) -> None:
    event = await registrar.create("birth")
    value = {"eventId": event["id"], "transactionId": "n", "declaration": {"child.shoeSize": 1}}
    error = await refused(registrar, "event.actions.notify.request", value)
    assert told(error) == (400, '[{"message":"Unexpected field","id":"child.shoeSize","value":1}]')
    notified = await registrar.act("notify", event["id"], declaration={"child.gender": "male"})
    assert status(notified) == "NOTIFIED"
    row = await registrar.row(event["id"])
    assert row is not None
    assert row["flags"] == ["incomplete"]


@every_profile
async def test_archive_and_print(registrar: Browser, families: Families, profile: Profile) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    archived = await registrar.act("archive", record.id, content={"reason": "twice"}, keepAssignment=True)
    assert status(archived) == "ARCHIVED"
    other = await registrar.declare(families.birth())
    await registrar.register(other.id, keepAssignment=True)
    printed = await registrar.act("printCertificate", other.id, content={"templateId": "birth-certificate"})
    assert printed["actions"][-2].get("content") == {"templateId": "birth-certificate"}
    row = await registrar.row(other.id)
    assert row is not None
    assert row["flags"] == []


@new_profiles
async def test_an_edit_is_in_progress_until_it_is_declared_again(
    registrar: Browser, families: Families
) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    await registrar.act("edit", record.id, declaration={"child.gender": "unknown"}, keepAssignment=True)
    row = await registrar.row(record.id)
    assert row is not None
    assert row["flags"] == ["edit-in-progress"]
    again = await registrar.act("declare", record.id, annotation=dict(families.birth().annotation))
    assert status(again) == "DECLARED"
    row = await registrar.row(record.id)
    assert row is not None
    assert (row["flags"], row["declaration"]["child.gender"]) == ([], "unknown")


@new_profiles
async def test_custom_flags_come_and_go_as_the_country_configured(
    start_opencrvs: Start, world: World, families: Families, country: CountryServer, profile: Profile
) -> None:
    running = await start_opencrvs(custom_flags=True)
    async with Browser(running.gateway_url, world, profile=profile) as registrar:
        record = await registrar.declare(families.birth(), keep_assignment=True)
        assert await registrar.in_queue(record.id, "pending-registration")
        await registrar.act("custom", record.id, customActionType="ESCALATE", keepAssignment=True)
        row = await registrar.row(record.id)
        assert row is not None
        assert row["flags"] == ["validated", "escalated"]
        await registrar.register(record.id, keepAssignment=True)
        row = await registrar.row(record.id)
        assert row is not None
        assert row["flags"] == ["escalated", "pending-first-certificate-issuance"]
        assert country.last("CUSTOM").event["actions"][-1].get("customActionType") == "ESCALATE"


@pytest.mark.parametrize("profile", [Profile.V2_1])
async def test_unarchive_is_an_action_of_2_1(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    await registrar.act("archive", record.id, content={"reason": "mistake"}, keepAssignment=True)
    assert status(await registrar.act("unarchive", record.id)) == "DECLARED"
    assert country.last("UNARCHIVE").path.endswith("/actions/UNARCHIVE")


@new_profiles
async def test_system_clients_are_made_switched_off_and_on(enter: Enter, opencrvs: Running) -> None:
    administrator = enter("j.campbell")
    made = await administrator.mutate(
        "integrations.create", {"name": "Clinic", "scopes": ["type=record.create&event=birth"]}
    )
    assert set(made) == {"clientId", "shaSecret", "clientSecret"}
    one = {"id": made["clientId"]}
    fresh = await administrator.mutate("integrations.refreshSecret", one)
    assert set(fresh) == {"clientId", "clientSecret"}
    assert fresh["clientSecret"] != made["clientSecret"]
    off = await administrator.mutate("integrations.deactivate", one)
    assert off == {**one, "name": "Clinic", "status": "disabled"}
    client = opencrvs.people.clients[made["clientId"]]
    assert not client.active
    assert (await administrator.mutate("integrations.activate", one))["status"] == "active"
    names = [client["name"] for client in await administrator.query("integrations.list")]
    assert "Clinic" in names
    assert await administrator.mutate("integrations.delete", one) == {**one, "name": "Clinic"}
    gone = told(await refused(administrator, "integrations.get", one, query=True))
    assert gone == (500, "no result")
    assert told(await refused(enter(), "integrations.get", {"id": "x"}, query=True))[0] == 400
    assert told(await refused(enter(), "integrations.list", {}, query=True)) == (403, "FORBIDDEN")


@pytest.mark.parametrize("profile", [Profile.V2_1])
async def test_confirming_clients_come_with_the_country_only(enter: Enter) -> None:
    value = {"name": "Mediator", "scopes": ["type=record.action.accept"]}
    assert told(await refused(enter("j.campbell"), "integrations.create", value)) == (403, "FORBIDDEN")


@every_profile
@pytest.mark.requirement("OCRVS-QUE-03")
async def test_counts_are_for_queues_of_the_token_only(registrar: Browser, enter: Enter) -> None:
    query = {"type": "and", "clauses": [{"flags": {"anyOf": ["register:requested"]}}]}
    value = [{"slug": "in-external-validation", "query": query}]
    assert await registrar.query("workqueue.count", value) == {"in-external-validation": 0}
    assert await registrar.query("workqueue.count", []) == {}
    clerk = enter("k.bwalya")
    assert told(await refused(clerk, "workqueue.count", value, query=True)) == (403, "FORBIDDEN")
    slugs = [config["slug"] for config in await clerk.query("workqueue.config.list")]
    assert slugs == ["assigned-to-you", "recent"]


@every_profile
async def test_search_pages_sorts_and_hides_secured_fields(
    registrar: Browser, families: Families, world: World
) -> None:
    ids = []
    for _ in range(5):
        ids.append((await registrar.declare(families.birth())).id)
        await world.clock.advance(1)
    query = {
        "type": "and",
        "clauses": [{"eventType": "birth", "status": {"type": "exact", "term": "DECLARED"}}],
    }
    page = {"query": query, "limit": 2, "offset": 1, "sort": [{"field": "updatedAt", "direction": "asc"}]}
    found = await registrar.query("event.search", page)
    assert found["total"] == 5
    assert [row["id"] for row in found["results"]] == ids[1:3]
    assert "child.dob" not in found["results"][0]["declaration"]
    assert "child.name" in found["results"][0]["declaration"]
    newest = await registrar.query("event.search", {"query": query, "limit": 1})
    assert newest["results"][0]["id"] == ids[-1]


@every_profile
async def test_people_and_places_have_the_profiles_shape(registrar: Browser, profile: Profile) -> None:
    user = await registrar.user()
    places = await registrar.query("locations.list")
    kinds = {place["locationType"] for place in places}
    if profile is Profile.V1_9:
        assert user["name"] == [{"use": "en", "given": ["Kennedy"], "family": "Mweene"}]
        assert len(user["id"]) == 24
        assert "ADMIN_STRUCTURE" in kinds
    else:
        assert user["name"] == {"firstname": "Kennedy", "surname": "Mweene"}
        assert kinds == {"CRVS_OFFICE", "HEALTH_FACILITY"}
        assert ("versions" in places[0]) is (profile is Profile.V2_1)
        assert await registrar.query("administrativeAreas.list")


@pytest.mark.parametrize("profile", [Profile.V1_9])
async def test_in_1_9_a_system_client_may_not_read(
    enter: Enter, opencrvs: Running, registrar: Browser
) -> None:
    client = next(iter(opencrvs.people.clients.values()))
    system = enter(token=await opencrvs.core.tokens.for_client(client))
    event = await registrar.create("birth")
    assert told(await refused(system, "event.get", event["id"], query=True)) == (403, "FORBIDDEN")


@new_profiles
@pytest.mark.requirement("OCRVS-STA-10")
async def test_a_system_client_may_not_register_even_with_the_scope(
    enter: Enter, opencrvs: Running, families: Families, registrar: Browser
) -> None:
    from dataclasses import replace

    record = await registrar.declare(families.birth())
    client = replace(
        next(iter(opencrvs.people.clients.values())), scopes=("type=record.register", "type=record.declare")
    )
    system = enter(token=await opencrvs.core.tokens.for_client(client))
    for path in ("register", "declare"):
        value = {"eventId": record.id, "transactionId": "s"}
        error = await refused(system, f"event.actions.{path}.request", value)
        assert told(error) == (403, "FORBIDDEN")
