"""What survives: state file, snapshot, reset; and the admin and script routes (our own API)."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from mock_opencrvs.app import Running, start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import pending_registration
from tests.servers.mock_opencrvs.conftest import Start
from tests.servers.mock_opencrvs.country import CountryServer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import pending_actions, status
from wire.world import World


async def test_records_survive_a_restart(
    country: CountryServer, keys: Path, world: World, families: Families, tmp_path: Path
) -> None:
    settings = Settings(
        gateway_port=0,
        auth_port=0,
        country_config_url=country.url,
        keys=keys,
        state_file=tmp_path / "state" / "records.sqlite",
    )
    first = await start(settings, world)
    async with Browser(first.gateway_url, world) as registrar:
        pending = await pending_registration(first, registrar, families, country)
        draft_of = await registrar.create("birth")
        draft = {"eventId": draft_of["id"], "transactionId": "d", "type": "DECLARE", "status": "Requested"}
        await registrar.mutate("event.draft.create", {**draft, "declaration": {"child.gender": "male"}})
    await first.close()

    second = await start(settings, World.virtual(seed=7))
    async with Browser(second.gateway_url, second.world) as registrar:
        assert await registrar.in_queue(pending.id, "in-external-validation")
        assert [d["eventId"] for d in await registrar.query("event.draft.list")] == [draft_of["id"]]
        fresh = await registrar.create("birth")
        assert fresh["id"] not in (pending.id, draft_of["id"])
        registrar.token = pending.token
        accepted = await registrar.mutate("event.actions.register.accept", pending.input())
        assert status(accepted) == "REGISTERED"
        again = await registrar.mutate(
            "event.actions.register.accept", pending.input(transactionId="x", registrationNumber="Y")
        )
        assert again["actions"] == accepted["actions"]
    await second.close()


async def test_a_file_that_is_no_database_is_refused_with_advice(keys: Path, tmp_path: Path) -> None:
    from mock_opencrvs.archive import ArchiveWrong

    wrong = tmp_path / "notes.txt"
    wrong.write_text("these are notes, and long enough to be read as the beginning of a database file" * 20)
    settings = Settings(gateway_port=0, auth_port=0, keys=keys, state_file=wrong)
    with pytest.raises(ArchiveWrong, match="MOCK_OPENCRVS_STATE_FILE"):
        await start(settings, World.virtual())


async def test_a_snapshot_brings_everything_back(
    opencrvs: Running,
    registrar: Browser,
    families: Families,
    country: CountryServer,
    http: aiohttp.ClientSession,
) -> None:
    pending = await pending_registration(opencrvs, registrar, families, country)
    admin = f"{opencrvs.gateway_url}/admin"
    async with http.get(f"{admin}/snapshot") as response:
        kept = await response.json()
    async with http.post(f"{admin}/reset") as response:
        assert response.status == 200
    assert len(opencrvs.records) == 0
    assert not await registrar.in_queue(pending.id, "in-external-validation")
    async with http.put(f"{admin}/snapshot", json={**kept, "records": [{"id": "x"}]}) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"
    async with http.put(f"{admin}/snapshot", json=kept) as response:
        assert await response.json() == {"records": 1}
    assert await registrar.in_queue(pending.id, "in-external-validation")
    event = opencrvs.records.snapshot(pending.id)
    assert event == pending.event
    assert event is not None
    assert [a["id"] for a in pending_actions(event)] == [pending.action_id]


@pytest.mark.parametrize("profile", list(Profile))
async def test_the_script_routes_play_a_registrar(
    opencrvs: Running, http: aiohttp.ClientSession, country: CountryServer
) -> None:
    script = f"{opencrvs.gateway_url}/admin/script"
    async with http.post(f"{script}/declare", json={"child": {"surname": "Rejected"}}) as response:
        assert response.status == 201
        declared = await response.json()
    assert declared["name"].endswith(" Rejected")
    country.will("REGISTER", 202)
    async with http.post(f"{script}/register", json={"record": declared["trackingId"]}) as response:
        assert response.status == 200
    async with http.post(f"{script}/wait", json={"record": declared["record"]}) as response:
        assert (await response.json())["in"] is True
    async with http.get(f"{script}/queues/in-external-validation") as response:
        assert [row["id"] for row in (await response.json())["results"]] == [declared["record"]]
    async with http.get(f"{opencrvs.gateway_url}/admin/records/{declared['trackingId']}") as response:
        shown = await response.json()
    assert shown["flags"] == shown["indexedFlags"] == ["register:requested"]
    async with http.post(f"{script}/register", json={"record": "NOPE"}) as response:
        assert response.status == 404
    async with http.post(f"{script}/declare", json={"username": "nobody"}) as response:
        assert response.status == 404


async def test_a_fault_at_accept_strikes_and_says_so(
    start_opencrvs: Start,
    world: World,
    families: Families,
    country: CountryServer,
    http: aiohttp.ClientSession,
) -> None:
    opencrvs = await start_opencrvs()
    async with Browser(opencrvs.gateway_url, world) as registrar:
        pending = await pending_registration(opencrvs, registrar, families, country)
        fault = {"seam": "accept", "kind": "status", "status": 503, "record": pending.id}
        async with http.post(f"{opencrvs.gateway_url}/admin/faults", json=fault) as response:
            assert response.status == 201
        headers = {"Authorization": f"Bearer {pending.token}"}
        url = f"{opencrvs.gateway_url}/events/event.actions.register.accept"
        async with http.post(url, json={"json": pending.input()}, headers=headers) as response:
            assert response.status == 503
        async with http.post(url, json={"json": pending.input()}, headers=headers) as response:
            assert response.status == 200
    struck = [exchange for exchange in opencrvs.journal if exchange.faults]
    assert [exchange.faults for exchange in struck] == [("status 503 at accept",)]


async def test_clients_and_users_can_be_added(
    opencrvs: Running, http: aiohttp.ClientSession, world: World
) -> None:
    office = "b3d1c2aa-0000-4000-8000-00000000000f"
    person = {
        "username": "a.zulu",
        "firstname": "Ana",
        "surname": "Zulu",
        "role": "LOCAL_REGISTRAR",
        "office": office,
    }
    async with http.post(f"{opencrvs.gateway_url}/admin/users", json=person) as response:
        assert response.status == 201
    async with http.post(f"{opencrvs.gateway_url}/admin/users", json=person) as response:
        assert response.status == 409
    async with Browser(opencrvs.gateway_url, world, username="a.zulu") as registrar:
        assert (await registrar.user())["name"] == {"firstname": "Ana", "surname": "Zulu"}
    client = {"name": "Ministry", "scopes": ["type=record.read"]}
    async with http.post(f"{opencrvs.gateway_url}/admin/clients", json=client) as response:
        made = await response.json()
    given = {"grant_type": "client_credentials", "client_id": made["id"], "client_secret": made["secret"]}
    async with http.post(f"{opencrvs.auth_url}/token", data=given) as response:
        assert response.status == 200


@pytest.mark.requirement("OCRVS-RPC-05")
async def test_rest_for_a_hospital(
    opencrvs: Running, http: aiohttp.ClientSession, country: CountryServer
) -> None:
    hospital = next(c for c in opencrvs.people.clients.values() if c.name == "Hospital system")
    token = await opencrvs.core.tokens.for_client(hospital)
    headers = {"Authorization": f"Bearer {token}"}
    base = f"{opencrvs.gateway_url}/events"
    body = {
        "eventType": "birth",
        "transactionId": "hosp-2026-000812",
        "createdAtLocation": "b3d1c2aa-0000-4000-8000-00000000000f",
        "declaration": {"child.dob": "2026-02-20", "informant.relation": "MOTHER"},
        "annotation": {},
    }
    async with http.post(f"{base}/events/notify", json=body, headers=headers) as response:
        assert response.status == 200
        event = await response.json()
    assert status(event) == "NOTIFIED"
    assert event["actions"][0]["transactionId"] == "hosp-2026-000812:create"
    assert country.last("NOTIFY").event["id"] == event["id"]
    async with http.get(f"{base}/events/{event['id']}", headers=headers) as response:
        assert (await response.json())["actions"][-1]["type"] == "READ"
    wrong = {"query": {"type": "and", "clauses": []}}
    async with http.post(f"{base}/events/search", json=wrong, headers=headers) as response:
        refusal = await response.json()
    assert (response.status, refusal["message"]) == (400, "Input validation failed")
    assert refusal["issues"][0]["message"] == "At least one clause is required."
    async with http.get(f"{base}/nowhere", headers=headers) as response:
        refusal = await response.json()
    assert refusal.pop("data").keys() == {"code", "httpStatus", "stack"}
    assert refusal == {"message": "Not found", "code": "NOT_FOUND"}
    async with http.post(f"{base}/events", data=b"{", headers=headers) as response:
        assert response.status == 500
    text = {**headers, "Content-Type": "text/plain"}
    async with http.post(f"{base}/events", data=b"{}", headers=text) as response:
        assert response.status == 415
        assert (await response.json())["message"] == 'Unsupported content-type "text/plain'


@pytest.mark.requirement("OCRVS-RPC-03")
async def test_a_batch_of_mixed_results_is_207(
    opencrvs: Running, http: aiohttp.ClientSession, registrar: Browser
) -> None:
    await registrar.log_in()
    body = {
        "0": {"json": {"type": "birth", "transactionId": "b-1"}},
        "1": {"json": {"type": "wedding", "transactionId": "b-2"}},
    }
    url = f"{opencrvs.gateway_url}/events/event.create,event.create?batch=1"
    headers = {"Authorization": f"Bearer {registrar.token}", "Content-Type": "application/json"}
    async with http.post(url, data=json.dumps(body), headers=headers) as response:
        assert response.status == 207
        assert response.headers["Vary"].startswith("trpc-accept,origin")
        assert response.headers["Cache-Control"] == "no-cache"
        good, bad = await response.json()
    assert good["result"]["data"]["json"]["type"] == "birth"
    assert bad["error"]["json"]["data"]["code"] == "BAD_REQUEST"


@pytest.mark.requirement("OCRVS-STA-08")
async def test_corrections_count_when_they_are_approved(
    registrar: Browser, families: Families, opencrvs: Running
) -> None:
    record = await registrar.declare(families.birth())
    await registrar.register(record.id, keepAssignment=True)
    asked = await registrar.act(
        "correction.request", record.id, declaration={"child.gender": "unknown"}, keepAssignment=True
    )
    request = next(
        a for a in asked["actions"] if a["type"] == "REQUEST_CORRECTION" and a["status"] == "Accepted"
    )
    row = await registrar.row(record.id)
    assert row is not None
    assert row["flags"] == ["correction-requested"]
    await registrar.act("correction.approve", record.id, requestId=request["id"])
    row = await registrar.row(record.id)
    assert row is not None
    assert row["declaration"]["child.gender"] == "unknown"
    assert row["flags"] == []
