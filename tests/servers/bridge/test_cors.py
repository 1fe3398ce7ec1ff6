"""Pages of OpenCRVS's client app may call, pages of another origin may not (contract mosip §11.1)."""

from __future__ import annotations

import pytest

from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.mediator import call

CLIENT = "https://register.example"


@pytest.mark.parametrize(
    "stage",
    [{"client_app_url": f"{CLIENT}{end}"} for end in ("/", "/app/", ":443/")],
    indirect=True,
)
async def test_pages_of_the_client_app_may_call(stage: Stage) -> None:
    asked = {"Origin": CLIENT, "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization,content-type"
    status, headers, _ = await call(stage, "OPTIONS", "/verify", headers=asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, CLIENT)
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    status, headers, _ = await call(stage, "POST", "/verify", headers={"Origin": CLIENT}, json={})
    assert (status, headers["Access-Control-Allow-Origin"]) == (401, CLIENT)


@pytest.mark.parametrize("stage", [{"client_app_url": CLIENT}], indirect=True)
async def test_an_answer_that_its_handler_writes_itself_is_marked_too(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", {})
    body = {"trackingId": "A1", "requestFields": {"birthCertificateNumber": "2026BA1"}}
    headers = {"Origin": CLIENT, "Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    status, given, _ = await call(stage, "POST", "/events/registration", headers=headers, json=body)
    assert (status, given["Access-Control-Allow-Origin"]) == (202, CLIENT)


@pytest.mark.parametrize("stage", [{"client_app_url": CLIENT}, {}], indirect=True)
async def test_pages_of_another_origin_may_not(stage: Stage) -> None:
    origin = "https://elsewhere.example" if stage.settings.get("client_app_url") else CLIENT
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    status, headers, _ = await call(stage, "OPTIONS", "/verify", headers=asked)
    assert status == 405 and "Access-Control-Allow-Origin" not in headers
