"""Where each service looks for the token, and what it says of a bad one (contract mosip §1.6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error

Open = Callable[..., Awaitable[Stage]]


CREATE = "/commons/v1/packetmanager/createPacket"
WORKFLOW = "/registrationprocessor/v1/workflowmanager/workflowinstance"


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
