"""Log-ins at the auth manager, and what it refuses (contract mosip §1.3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error

Open = Callable[..., Awaitable[Stage]]

AUTH = "/v1/authmanager/authenticate/clientidsecretkey"


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
