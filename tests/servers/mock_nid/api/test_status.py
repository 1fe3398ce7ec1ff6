"""The status of packets, asked for (contract mosip §3.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error

Open = Callable[..., Awaitable[Stage]]


SEARCH = "/registrationprocessor/v1/registrationstatus/externalstatus/search"


@pytest.mark.requirement("MOSIP-STS-01")
async def test_status_search(stage: Open) -> None:
    s = await stage(default_plan="fail:RPR-CMD-FAILED-003", processing_seconds=80)
    cookie = await s.client.cookie()
    good: dict[str, Any] = {
        "id": "mosip.registration.external.status",
        "version": "1.0",
        "requesttime": s.world.timestamp(),
        "request": [{"registrationId": "100010000000001"}, {"registrationId": "9"}],
    }
    await s.client.submit("100010000000001")
    _, body, _ = await s.client.call("POST", SEARCH, json=good, headers=cookie)
    assert body["response"][0]["statusCode"] == "PROCESSING"
    assert body["errors"] == [
        {"registrationId": "9", "errorCode": "RPR-RGS-031", "errorMessage": "RID Not Found"}
    ]
    await s.advance(30)
    _, body, _ = await s.client.call("POST", SEARCH, json=good, headers=cookie)
    assert body["response"][0]["statusCode"] == "PROCESSED"
    await s.advance(100)
    _, body, _ = await s.client.call("POST", SEARCH, json=good, headers=cookie)
    assert body["response"][0]["statusCode"] == "REREGISTER"
    hidden = SEARCH.replace("externalstatus/", "")
    plain = good | {"id": "mosip.registration.status"}
    _, body, _ = await s.client.call("POST", hidden, json=plain, headers=cookie)
    assert body["response"][0]["statusCode"] == "PROCESSED"
    path = "/registrationprocessor/v1/registrationtransaction/search/100010000000001"
    _, body, _ = await s.client.call("GET", path, headers=cookie)
    assert [line["subStatusCode"] for line in body["response"]][-2:] == [
        "RPR-PCL-SUCCESS-001",
        "RPR-CMD-FAILED-003",
    ]
    for change, code in [
        ({"id": None}, "RPR-RGS-021"),
        ({"id": "x"}, "RPR-RGS-024"),
        ({"version": None}, "RPR-RGS-019"),
        ({"version": "2"}, "RPR-RGS-022"),
        ({"requesttime": None}, "RPR-RGS-020"),
        ({"requesttime": "2020-01-01T00:00:00.000Z"}, "RPR-RGS-023"),
        ({"request": "x"}, "RPR-RGS-016"),
    ]:
        status, body, _ = await s.client.call("POST", SEARCH, json=good | change, headers=cookie)
        assert status == 200 and body["response"] is None
        assert [item["errorCode"] for item in body["errors"]] == [code, "RPR-RGS-015"]
    _, body, _ = await s.client.call("POST", SEARCH, data=b"{", headers=cookie)
    assert first_error(body)[0] == "RPR-RGS-017"
    stock = await s.client.cookie("mosip-crvs1-client")
    assert (await s.client.call("POST", SEARCH, json=good, headers=stock))[0] == 403
