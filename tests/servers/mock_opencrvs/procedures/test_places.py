"""Places are seeded (before 2.1), or made and changed version by version; known answers are recorded."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.directory.people import Role
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter, Start
from tests.servers.mock_opencrvs.profiles import every_profile
from wire.opencrvs.profiles import Profile

AREA = "7d1f3b52-8f0e-4d2c-8a6f-2f7b9b1c4d02"
PLACE, OTHER = "5a1c2c0e-0000-4000-8000-000000000001", "5a1c2c0e-0000-4000-8000-000000000002"
ONE, TWO, THREE = (f"5a1c2c0e-0000-4000-9000-00000000000{at}" for at in (1, 2, 3))
latest = pytest.mark.parametrize("profile", [Profile.V2_1])
kinds = pytest.mark.parametrize(
    ("router", "path", "parent", "own"),
    [
        ("locations", "locations", "administrativeAreaId", {"locationType": "CRVS_OFFICE"}),
        ("administrativeAreas", "administrative-areas", "parentId", {}),
    ],
)


@pytest.fixture
async def editor(opencrvs: Running, enter: Enter) -> Browser:
    """A person whose role may edit places, and read what clients did."""
    scopes = (
        "type=location.edit",
        "type=integration.audit.read",
        "type=integration.create",
        "type=user.read",
    )
    opencrvs.people.roles["NATIONAL_SYSTEM_ADMIN"] = Role("NATIONAL_SYSTEM_ADMIN", "Administrator", scopes)
    return enter("j.campbell")


def _new(parent: str, own: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": PLACE, "versionId": ONE, "name": "New", "externalId": "N1", parent: AREA, **own} | more


@latest
@kinds
async def test_a_place_is_made_once(
    editor: Browser, router: str, path: str, parent: str, own: dict[str, Any]
) -> None:
    asked = _new(parent, own, effectiveFrom="2024-01-01")
    made = await editor.mutate(f"{router}.create", asked)
    version = {
        "versionId": ONE,
        "effectiveFrom": "2024-01-01",
        "name": "New",
        "externalId": "N1",
        "status": "active",
    }
    assert made == {
        "id": PLACE,
        "name": "New",
        "externalId": "N1",
        parent: AREA,
        **own,
        "status": "active",
        "versions": [version],
    }
    assert await editor.mutate(f"{router}.create", asked) == made, "the same call again"
    for change, why in (
        ({"name": "Other"}, "already exists with different values"),
        ({"id": OTHER}, "with externalId N1 already exists"),
        ({"id": OTHER, "externalId": "N2", parent: THREE}, "violates foreign key constraint"),
    ):
        assert why in told(await refused(editor, f"{router}.create", asked | change))[1]


@latest
@kinds
async def test_versions_go_forward_and_one_that_is_to_come_is_taken_back(
    editor: Browser, router: str, path: str, parent: str, own: dict[str, Any]
) -> None:
    await editor.mutate(f"{router}.create", _new(parent, own))
    change = {"id": PLACE, "versionId": TWO, "name": "Renamed", "status": "active", "lastVersionId": ONE}
    changed = await editor.mutate(f"{router}.update", change | {"effectiveFrom": "2999-01-01"})
    assert (changed["name"], len(changed["versions"])) == ("New", 2), "not yet in effect"
    again = await editor.mutate(f"{router}.update", change | {"effectiveFrom": "2999-01-01"})
    assert again == changed, "the same call again"
    later = change | {"versionId": THREE, "effectiveFrom": "2998-01-01"}
    assert told(await refused(editor, f"{router}.update", later))[0] == 409, "not the last version"
    backwards = later | {"lastVersionId": TWO}
    assert told(await refused(editor, f"{router}.update", backwards))[0] == 422
    assert told(await refused(editor, f"{router}.update", later | {parent: AREA}))[0] == 400
    assert told(await refused(editor, f"{router}.update", later | {"id": OTHER}))[0] == 404
    one = {"id": PLACE, "versionId": TWO}
    assert len((await editor.mutate(f"{router}.withdrawVersion", one))["versions"]) == 1
    for version, status in ((TWO, 404), (ONE, 409)):
        gone = await refused(editor, f"{router}.withdrawVersion", one | {"versionId": version})
        assert told(gone)[0] == status
    closed = {**later, "status": "inactive", "externalId": "N1", "effectiveFrom": "2001-01-01"}
    assert (await editor.mutate(f"{router}.update", closed))["status"] == "inactive"
    found = await editor.query(f"{router}.list", {"isActive": True})
    assert PLACE not in {place["id"] for place in found}
    assert await editor.mutate(f"{router}.create", _new(parent, own, id=OTHER, effectiveFrom="2001-01-01"))


@latest
@kinds
async def test_over_rest(
    http: aiohttp.ClientSession,
    opencrvs: Running,
    editor: Browser,
    enter: Enter,
    router: str,
    path: str,
    parent: str,
    own: dict[str, Any],
) -> None:
    async def ask(method: str, target: str, who: Browser, body: Any = None) -> int:
        headers = {"Authorization": f"Bearer {await who.log_in()}"}
        url = f"{opencrvs.gateway_url}/events/{path}{target}"
        async with http.request(method, url, json=body, headers=headers) as answer:
            return answer.status

    new = _new(parent, own)
    change = {"versionId": TWO, "name": "B", "status": "active", "lastVersionId": ONE}
    assert await ask("POST", "", enter("k.mweene"), new) == 403
    assert await ask("POST", "", editor, {}) == 400
    assert await ask("POST", "", editor, new) == 200
    assert await ask("PUT", f"/{PLACE}", editor, change | {"effectiveFrom": "2999-12-31"}) == 200
    assert await ask("PUT", f"/{PLACE}", editor, change | {"effectiveFrom": "tomorrow"}) == 400
    assert await ask("DELETE", f"/{PLACE}/versions/{TWO}", editor) == 200
    assert await ask("DELETE", f"/{PLACE}/versions/{TWO}", editor) == 404


@every_profile
async def test_who_may_write_places_in_which_version(enter: Enter, profile: Profile) -> None:
    administrator, registrar = enter("j.campbell"), enter("k.mweene")
    for procedure, where in (
        ("locations.set", (Profile.V1_9, Profile.V2_0)),
        ("administrativeAreas.set", (Profile.V2_0,)),
        ("locations.create", (Profile.V2_1,)),
        ("integrations.audit", (Profile.V2_1,)),
    ):
        query = procedure.endswith("audit")
        value: Any = {"id": PLACE} if query else []
        statuses = [
            told(await refused(who, procedure, value, query=query))[0] for who in (registrar, administrator)
        ]
        if profile not in where:
            assert statuses == [404, 404], procedure
        else:
            assert statuses == [403, 400 if procedure.endswith("set") else 403], procedure


@latest
async def test_what_a_client_did_is_read_by_people_alone(
    opencrvs: Running, http: aiohttp.ClientSession, editor: Browser
) -> None:
    client = next(iter(opencrvs.people.clients.values()))
    headers = {"Authorization": f"Bearer {await opencrvs.core.tokens.for_client(client)}"}
    place = next(one["id"] for one in await editor.query("locations.list"))
    body = {"type": "birth", "transactionId": "audited", "createdAtLocation": place}
    url = f"{opencrvs.gateway_url}/events/events"
    async with http.post(url, json=body, headers=headers) as made:
        event = await made.json()
    async with http.get(f"{url}/{event['id']}", headers=headers):
        pass
    await editor.mutate("integrations.deactivate", {"id": client.id})
    page = await editor.query("integrations.audit", {"id": client.id, "count": 1})
    assert page["total"] == 2, "what was done to it is in the administrator's log"
    assert page["results"][0]["requestData"] == {"eventId": event["id"]}
    assert (page["results"][0]["operation"], page["results"][0]["clientType"]) == ("event.get", "system")
    future = {"id": client.id, "timeStart": "2999-01-01T00:00:00+02:00"}
    assert (await editor.query("integrations.audit", future)) == {"results": [], "total": 0}
    user = await editor.user()
    own = await editor.query("user.audit.list", {"userId": user["id"]})
    assert own["results"][0]["operation"] == "integrations.deactivate"
    for value, status in (
        ({"id": user["id"]}, 404),
        ({"id": client.id, "count": 101}, 400),
        ({"id": client.id, "count": 0}, 400),
        ({"id": client.id, "timeStart": "2999-01-01"}, 400),
    ):
        assert told(await refused(editor, "integrations.audit", value, query=True))[0] == status


@pytest.mark.parametrize("profile", [Profile.V2_0])
async def test_areas_in_a_circle_end(enter: Enter) -> None:
    administrator = enter("j.campbell")
    rows = [
        {"id": one, "name": "A", "parentId": other, "validUntil": None}
        for one, other in ((PLACE, OTHER), (OTHER, PLACE))
    ]
    await administrator.mutate("administrativeAreas.set", rows)
    found = await administrator.query("locations.getLocationHierarchy", {"locationId": PLACE})
    assert found == [OTHER, PLACE]


async def test_a_restart_finds_places_again_and_a_reset_forgets_them(
    start_opencrvs: Start, enter: Enter, tmp_path: Any
) -> None:
    running = await start_opencrvs(state_file=tmp_path / "state.db")
    row = {"id": PLACE, "name": "A", "parentId": AREA, "validUntil": None}
    async with Browser(running.gateway_url, running.world, username="j.campbell") as administrator:
        await administrator.mutate("administrativeAreas.set", [row])
    await running.close()
    running = await start_opencrvs(state_file=tmp_path / "state.db")
    assert running.people.places[PLACE].parent == AREA
    await running.reset()
    assert PLACE not in running.people.places
