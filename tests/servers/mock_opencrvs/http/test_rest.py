"""Events by REST, for a hospital."""

from __future__ import annotations

import aiohttp
import pytest

from mock_opencrvs.app import Running
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.state import status


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
