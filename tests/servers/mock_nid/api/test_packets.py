"""What packet manager refuses (contract mosip §2.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error

Open = Callable[..., Awaitable[Stage]]


CREATE = "/commons/v1/packetmanager/createPacket"


async def test_the_packet_manager_takes_the_sources_that_it_was_set_up_for(stage: Open) -> None:
    s = await stage(accepted_processes="NIRA/CRVS_NEW")
    taken = [
        (await s.client.create(id, source=source))[1]["response"] is not None
        for id, source in (("100010000000001", "NIRA"), ("100010000000002", "CRVS1"))
    ]
    assert taken == [True, False]


@pytest.mark.requirement("MOSIP-PKT-02", "MOSIP-PKT-03", "MOSIP-PKT-04")
async def test_packet_manager_failures(stage: Open) -> None:
    s = await stage()
    status, body, _ = await s.client.create("100010000000001", source="OTHER")
    assert (status, body["response"], body["id"]) == (200, None, None)
    assert first_error(body) == ("KER-PUT-006", "No available provider for given source and process")
    cookie = await s.client.cookie()
    good: dict[str, Any] = {
        "id": "100010000000001",
        "source": "CRVS1",
        "process": "CRVS_NEW",
        "schemaVersion": "0.100",
        "schemaJson": '{"properties":{"identity":{"properties":{"fullName":{"fieldCategory":"pvt"}}}}}',
        "fields": {"fullName": "Chanda", "age": 1},
        "metaInfo": {},
        "audits": [{"a": "b"}],
    }
    for change in ({"audits": []}, {"schemaJson": "{"}, {"schemaVersion": "x"}, {"id": ""}):
        status, body, _ = await s.client.call("PUT", CREATE, json={"request": good | change}, headers=cookie)
        assert (status, body["response"], body["errors"]) == (200, None, []), change
    for change in (
        {"fields": {"fullName": [{"language": "eng"}]}},
        {"metaInfo": [1]},
        {"audits": {}},
        {"documents": {"proofOfAddress": "a text"}},
        {"documents": {"proofOfAddress": {"value": ["a list"]}}},
        {"biometrics": {"individualBiometrics": "a text"}},
        {"offlineMode": "perhaps"},
        {"offlineMode": {}},
    ):
        status, body, _ = await s.client.call("PUT", CREATE, json={"request": good | change}, headers=cookie)
        assert (status, set(body)) == (400, {"timestamp", "status", "error", "path"}), change
    status, body, _ = await s.client.call("PUT", CREATE, json={"request": good}, headers=cookie)
    assert [entry["packetName"] for entry in body["response"]] == ["100010000000001_id"]
    assert body["response"][0]["schemaVersion"] == "0.1" and body["errors"] == []
    assert s.running.registrations.packets["100010000000001"].fields["age"] == "1"
