"""System clients: made, switched off and on."""

from __future__ import annotations

import pytest

from mock_opencrvs.app import Running
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.profiles import new_profiles
from wire.opencrvs.profiles import Profile


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
