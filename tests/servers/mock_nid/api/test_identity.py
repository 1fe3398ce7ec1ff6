"""Identities in the ID repository (contract mosip §7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error
from wire.mosip import identifiers

Open = Callable[..., Awaitable[Stage]]


IDENTITY = "/idrepository/v1/identity/"


@pytest.mark.parametrize(
    ("change", "inner", "code", "message"),
    [
        ({"id": None}, {}, "IDR-IDC-001", "Missing Input Parameter - id"),
        ({"id": "x"}, {}, "IDR-IDC-002", "Invalid Input Parameter - id"),
        ({"version": "1"}, {}, "IDR-IDC-002", "Invalid Input Parameter - version"),
        ({"requesttime": None}, {}, "IDR-IDC-001", "Missing Input Parameter - requesttime"),
        ({"request": None}, {}, "IDR-IDC-001", "Missing Input Parameter - request"),
        ({}, {"registrationId": ""}, "IDR-IDC-001", "Missing Input Parameter - registrationId"),
        ({}, {"identity": {}}, "IDR-IDC-001", "Missing Input Parameter - identity/UIN"),
        ({}, {"identity": {"UIN": "123"}}, "IDR-IDC-002", "Invalid Input Parameter - UIN"),
        ({}, {"identity": {"UIN": "3467045314"}}, "IDR-IDC-007", "No Record(s) found"),
        ({}, {"status": "DEAD"}, "IDR-IDC-002", "Invalid Input Parameter - status"),
    ],
)
@pytest.mark.requirement("MOSIP-IDR-01")
async def test_id_repository_refusals(
    stage: Open, change: dict[str, Any], inner: dict[str, Any], code: str, message: str
) -> None:
    s = await stage()
    request = {"registrationId": "1", "identity": {"UIN": "4238670978"}, "status": "DEACTIVATED"}
    body = {
        "id": "mosip.id.update",
        "version": "v1",
        "requesttime": s.world.timestamp(),
        "request": request | inner,
    }
    status, answer, _ = await s.client.call(
        "PATCH", IDENTITY, json=body | change, headers=await s.client.cookie()
    )
    assert (status, *first_error(answer)) == (200, code, message)


@pytest.mark.requirement("MOSIP-IDR-02")
async def test_id_repository_time_role_and_token(stage: Open) -> None:
    s = await stage()
    body = {"id": "mosip.id.update", "version": "v1", "requesttime": s.world.timestamp(), "request": {}}
    await s.advance(61)
    _, answer, _ = await s.client.call("PATCH", IDENTITY, json=body, headers=await s.client.cookie())
    assert first_error(answer)[1].startswith("Invalid Input Parameter - requesttime - the timestamp")
    roleless = await s.client.cookie("no-roles-client")
    status, answer, _ = await s.client.call("PATCH", IDENTITY, json=body, headers=roleless)
    assert (status, *first_error(answer)) == (200, "IDR-IDC-011", "Authorization Failed")
    assert (await s.client.call("PATCH", IDENTITY, json=body))[0] == 401


@pytest.mark.requirement("MOSIP-DTH-04", "MOSIP-IDR-03")
async def test_deactivation_is_published_and_repeated_ids_refused(stage: Open) -> None:
    s = await stage(identity_events=True)
    await s.listen("crvs-partner/DEACTIVATE_ID")
    request = {"registrationId": "77", "identity": {"UIN": "4238670978"}, "status": "DEACTIVATED"}
    body = {"id": "mosip.id.update", "version": "v1", "requesttime": s.world.timestamp(), "request": request}
    cookie = await s.client.cookie()
    _, answer, _ = await s.client.call("PATCH", IDENTITY, json=body, headers=cookie)
    assert answer["response"]["status"] == "DEACTIVATED"
    _, answer, _ = await s.client.call("PATCH", IDENTITY, json=body, headers=cookie)
    assert first_error(answer) == ("IDR-IDC-012", "Record already exists in DB")
    await s.settle()
    assert [one.body["publisher"] for one in s.subscriber.deliveries] == ["ID_REPO", "ID_REPO"]


Open = Callable[..., Awaitable[Stage]]


@pytest.mark.requirement("MOSIP-IDR-06")
async def test_synchronous_identity(stage: Open) -> None:
    s = await stage()
    cookie = await s.client.cookie()
    _, body, _ = await s.client.call("GET", "/v1/idgenerator/uin", headers=cookie)
    uin = body["response"]["uin"]
    assert identifiers.uin_fault(uin) is None
    request = {
        "registrationId": "10001100040000120260302080000",
        "identity": {
            "IDSchemaVersion": 0.1,
            "UIN": uin,
            "fullName": [{"language": "eng", "value": "Chanda"}],
        },
    }
    envelope = {
        "id": "mosip.id.create",
        "version": "v1",
        "requesttime": s.world.timestamp(),
        "request": request,
    }
    status, body, _ = await s.client.call("POST", "/idrepository/v1/identity/", json=envelope, headers=cookie)
    assert (status, body["response"]["status"], body["errors"]) == (200, "ACTIVATED", [])
    _, body, _ = await s.client.call("GET", f"/idrepository/v1/identity/idvid/{uin}", headers=cookie)
    assert body["response"]["identity"]["fullName"][0]["value"] == "Chanda"
    _, body, _ = await s.client.call("POST", "/idrepository/v1/identity/", json=envelope, headers=cookie)
    assert body["errors"][0]["errorCode"] == "IDR-IDC-012"
