"""A snapshot brings everything back."""

from __future__ import annotations

import aiohttp

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import pending_registration
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.state import pending_actions


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
