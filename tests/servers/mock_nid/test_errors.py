"""Each error code that a caller can provoke, over HTTP (contract mosip §1.3, §1.6, §2.4, §3.1, §3.4, §7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage

Open = Callable[..., Awaitable[Stage]]

AUTH = "/v1/authmanager/authenticate/clientidsecretkey"
CREATE = "/commons/v1/packetmanager/createPacket"
WORKFLOW = "/registrationprocessor/v1/workflowmanager/workflowinstance"
SEARCH = "/registrationprocessor/v1/registrationstatus/externalstatus/search"
IDENTITY = "/idrepository/v1/identity/"


def first_error(body: Any) -> tuple[str, str]:
    item = body["errors"][0]
    return item["errorCode"], item.get("message", item.get("errorMessage"))


@pytest.mark.requirement("MOSIP-AUT-02")
async def test_auth_manager_refusals(stage: Open) -> None:
    s = await stage()
    status, body, answer = await s.client.authenticate("crvs-partner", "wrong")
    assert status == 500 and "Set-Cookie" not in answer.headers
    assert body["errors"][0]["errorCode"] == "500"
    assert body["errors"][0]["message"].startswith("401 Unauthorized")
    status, body, _ = await s.client.authenticate("crvs-partner", app_id="xyz")
    assert (status, *first_error(body)) == (200, "KER-ATH-026", "Realm not found:: xyz")
    status, body, _ = await s.client.call("POST", AUTH, json={"id": "a"})
    assert (status, *first_error(body)) == (200, "KER-ATH-019", "request must not be null")
    for broken in (b"{", b"[]", b'{"request": 1}', b'{"requesttime": "noon", "request": {}}'):
        status, body, _ = await s.client.call("POST", AUTH, data=broken)
        assert (status, first_error(body)[0]) == (200, "KER-ATH-019")


@pytest.mark.requirement("MOSIP-AUT-01")
async def test_auth_manager_success_hands_the_token_over_twice(stage: Open) -> None:
    s = await stage()
    _, body, answer = await s.client.authenticate("crvs-partner")
    token = answer.headers["Authorization"]
    expected = f"Authorization={token}; Max-Age=6000000; Path=/; HttpOnly"
    assert answer.headers["Set-Cookie"] == expected and "=" not in token
    assert (body["id"], body["version"], body["errors"]) == ("string", "string", None)
    assert token not in str(body)


@pytest.mark.requirement("MOSIP-AUT-06")
async def test_token_validation(stage: Open) -> None:
    s = await stage()
    path = "/v1/authmanager/authorize/admin/validateToken"
    _, body, _ = await s.client.call("GET", path)
    assert first_error(body) == ("KER-ATH-006", "Cookies are empty")
    _, body, _ = await s.client.call("GET", path, headers={"Cookie": "a=b"})
    assert first_error(body) == ("KER-ATH-007", "Token is not present in cookies")
    status, body, _ = await s.client.call("GET", path, headers={"Cookie": "Authorization=nonsense"})
    assert (status, first_error(body)[0]) == (401, "KER-ATH-401")
    status, body, _ = await s.client.call("GET", path, headers=await s.client.cookie("crvs-partner"))
    assert status == 200 and body["response"]["userId"] == "service-account-crvs-partner"
    assert body["response"]["role"].endswith(",")


@pytest.mark.requirement("MOSIP-AUT-03")
async def test_spring_services_read_the_cookie_alone(stage: Open) -> None:
    s = await stage()
    token = await s.client.token()
    status, body, _ = await s.client.call(
        "PUT", CREATE, json={}, headers={"Authorization": f"Bearer {token}"}
    )
    assert status == 401 and body.count('"KER-ATH-401"') == 2  # two objects back to back
    status, body, _ = await s.client.call("PUT", CREATE, json={}, headers={"Cookie": "Authorization=bad"})
    assert status == 401 and first_error(body) == ("KER-ATH-401", "Authentication Failed")
    for client in ("crvs-partner", "no-roles-client"):  # not in the audience of the packet manager
        status, _, _ = await s.client.call("PUT", CREATE, json={}, headers=await s.client.cookie(client))
        assert status == 401
    other = {"Cookie": f"x=1; Authorization={token}"}
    assert (await s.client.call("PUT", CREATE, json={}, headers=other))[0] == 400


@pytest.mark.requirement("MOSIP-AUT-04")
async def test_vertx_services_read_the_first_cookie(stage: Open) -> None:
    s = await stage()
    token = await s.client.token()
    body = {"id": "i", "version": "v"}
    status, answer, _ = await s.client.call("POST", WORKFLOW, json=body)
    assert status == 401 and (answer["id"], answer["version"]) == ("i", "v")
    second = {"Cookie": f"x=1; Authorization={token}"}
    assert (await s.client.call("POST", WORKFLOW, json=body, headers=second))[0] == 401
    first = {"Cookie": f"Authorization={token}; x=1"}
    assert (await s.client.call("POST", WORKFLOW, json=body, headers=first))[0] == 200
    stranger = await s.client.cookie("crvs-partner")
    status, answer, _ = await s.client.call("POST", WORKFLOW, json=body, headers=stranger)
    assert (status, *first_error(answer)) == (403, "KER-ATH-403", "Forbidden")


@pytest.mark.requirement("MOSIP-AUT-05")
async def test_an_expired_token_is_refused(stage: Open) -> None:
    s = await stage(token_seconds=600)
    await s.client.token()
    await s.advance(601)
    status, _, _ = await s.client.create("100010000000001")
    assert status == 401


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
    for change in ({"fields": {"fullName": [{"language": "eng"}]}}, {"metaInfo": [1]}, {"audits": {}}):
        status, body, _ = await s.client.call("PUT", CREATE, json={"request": good | change}, headers=cookie)
        assert (status, set(body)) == (400, {"timestamp", "status", "error", "path"}), change
    status, body, _ = await s.client.call("PUT", CREATE, json={"request": good}, headers=cookie)
    assert [entry["packetName"] for entry in body["response"]] == ["100010000000001_id"]
    assert body["response"][0]["schemaVersion"] == "0.1" and body["errors"] == []
    assert s.running.parts.registry.packets["100010000000001"].fields["age"] == "1"


@pytest.mark.requirement("MOSIP-WFL-01", "MOSIP-WFL-02")
async def test_workflow_manager_refusals(stage: Open) -> None:
    s = await stage()
    cookie = await s.client.cookie()
    good = {
        "id": "mosip.registration.processor.workflow.instance",
        "version": "v1",
        "requesttime": s.world.timestamp(),
        "request": {"registrationId": "1", "process": "CRVS_NEW", "source": "CRVS1"},
    }
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"id": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - id"),
        ({"version": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - version"),
        ({"requesttime": None}, "RPR-WIN-000", "RPR-WIN-000 --> Missing Request Value - requesttime"),
        ({"id": "x"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - id"),
        ({"version": "v9"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - version"),
        ({"requesttime": "x"}, "RPR-WIN-001", "RPR-WIN-001 --> Invalid Request Value - requesttime"),
        ({"request": None}, "RPR-WIN-002", "Unknown Exception"),
    ]
    for change, code, message in cases:
        status, body, _ = await s.client.call("POST", WORKFLOW, json=good | change, headers=cookie)
        assert (status, *first_error(body)) == (200, code, message)
    status, body, answer = await s.client.call("POST", WORKFLOW, json=good, headers=cookie)
    assert body["errors"] is None and answer.headers["Access-Control-Allow-Origin"] == "*"
    _, body, _ = await s.client.call("POST", WORKFLOW, json=good, headers=cookie)
    assert first_error(body) == (
        "RPR-WIS-001",
        "RPR-WIS-001 --> RPR-WIS-001 --> WorkflowInstance already present",
    )


@pytest.mark.requirement("MOSIP-WFL-03")
async def test_a_packet_never_created_fails_later(stage: Open) -> None:
    s = await stage()
    await s.client.process("100010000000077")
    await s.advance(60)
    (registration,) = s.running.registrations
    last = registration.transactions[-1]
    assert f"{last.sub_status_code} {last.comment}" == (
        "RPR-PKV-FAILED-012 Packet validation failed in packet manager"
    )


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


@pytest.mark.requirement("MOSIP-IDR-04")
async def test_vid_service(stage: Open) -> None:
    s = await stage()
    cookie = await s.client.cookie()

    async def ask(method: str, path: str, id: str = "", **request: Any) -> Any:
        body = {"id": id, "version": "v1", "requesttime": s.world.timestamp(), "request": request}
        full = f"/idrepository/v1/vid{path}"
        _, answer, _ = await s.client.call(method, full, json=body if id else None, headers=cookie)
        return answer

    made = await ask("POST", "", "mosip.vid.create", UIN="4238670978", vidType="Temporary")
    vid = made["response"]["VID"]
    assert (await ask("GET", f"/{vid}"))["response"] == {"UIN": "4238670978"}
    again = await ask("POST", "", "mosip.vid.create", UIN="4238670978", vidType="Perpetual")
    assert first_error(again)[0] == "IDR-VID-003"
    gone = await ask("POST", "", "mosip.vid.create", UIN="8507457640", vidType="Temporary")
    assert first_error(gone) == ("IDR-VID-004", "DEACTIVATED UIN")
    revoked = await ask("PATCH", "/4703420631835716", "mosip.vid.update", vidStatus="REVOKED")
    assert revoked["response"]["restoredVid"]["vidStatus"] == "ACTIVE"
    assert first_error(await ask("GET", "/4703420631835716")) == ("IDR-VID-001", "VID is REVOKED")
    assert first_error(await ask("GET", "/123")) == ("IDR-IDC-002", "Invalid Input Parameter - VID")
    assert first_error(await ask("GET", "/6829013475081236"))[0] in ("IDR-IDC-007", "IDR-IDC-002")
    await s.advance(31 * 60)
    assert first_error(await ask("GET", f"/{vid}")) == ("IDR-VID-001", "VID is EXPIRED")
    listed = await ask("GET", "/uin/4238670978")
    assert len(listed["response"]) == 1 and "genratedOnTimestamp" in listed["response"][0]
    off = await ask("POST", "/deactivate", "mosip.vid.deactivate", UIN="4238670978")
    assert off["response"] == {"vidStatus": "DEACTIVATED"}
    on = await ask("POST", "/reactivate", "mosip.vid.reactivate", UIN="4238670978")
    assert on["response"] == {"vidStatus": "ACTIVE"}
    fresh = await ask("POST", f"/{listed['response'][0]['vid']}/regenerate")
    assert fresh["response"]["vidStatus"] == "ACTIVE"
