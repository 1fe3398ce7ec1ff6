"""What is refused is asked for ever less often, however many wait, and no sooner than its server says; it
goes on by itself when somebody has mended it.
"""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage
from tests.servers.bridge.gateways import waits
from tests.servers.bridge.queued import queued
from tests.servers.bridge.test_channels import IN_A_DAY, SOON
from tests.servers.bridge.test_confirmation import issued
from tests.servers.bridge.test_failure import DAY
from tests.servers.bridge.test_work import said
from wire.mosip import keys

LONGEST = 900.0
CLIENT = {"client_id": "bridge", "client_secret": "not-its-secret", "confirmation": "system"}


def errors(logs: list[dict[str, object]]) -> list[object]:
    return [line["event"] for line in logs if line["log_level"] == "error"]


@pytest.mark.parametrize("stage", [CLIENT], indirect=True)
@pytest.mark.parametrize("status", [400, 401, 403])
async def test_wrong_secret_at_opencrvs(stage: Stage, status: int) -> None:
    def refused() -> web.Response:
        return web.json_response({"error": "invalid_client"}, status=status)

    stage.opencrvs.faults["token"] = [refused] * 100_000
    with capture_logs() as logs:
        events = [await issued(stage) for _ in range(3)]
        await stage.world.clock.advance(DAY)
    asked = sum(path == "token" for path, _, _ in stage.opencrvs.calls)
    assert asked < IN_A_DAY
    assert len(errors(logs)) == 1
    stage.opencrvs.faults.clear()
    await stage.world.clock.advance(LONGEST + 130)
    assert {(await stage.of(event)).state for event in events} == {State.CONFIRMED}


@pytest.mark.parametrize("stage", [SOON], indirect=True)
async def test_wrong_secret_at_mosip(stage: Stage) -> None:
    await stage.restart()
    keycloak = '401 Unauthorized: "{"error":"unauthorized_client"}"'
    stage.mosip.faults["authenticate"] = [said(stage.world, "500", 500, keycloak)] * 100_000
    events = [await queued(stage) for _ in range(3)]
    await stage.world.clock.advance(DAY)
    assert stage.mosip.asked["authenticate"] < 2 * IN_A_DAY, "one client for packets, one at the hub"
    assert {(await stage.of(event)).held for event in events} == {"auth manager"}
    stage.mosip.faults.clear()
    await stage.world.clock.advance(LONGEST + 130)
    assert {(await stage.of(event)).state for event in events} == {State.SUBMITTED}


async def test_log_in_that_asks_for_time_gets_it_from_everybody(stage: Stage) -> None:
    await stage.restart()
    before = stage.mosip.asked["authenticate"]
    stage.mosip.faults["authenticate"] = [waits("600"), waits("600")]
    for _ in range(5):
        await queued(stage)
    await stage.world.clock.advance(590)
    assert stage.mosip.asked["authenticate"] - before <= 2, "one client for packets, one at the hub"


async def test_many_that_one_fault_holds_while_others_get_through(stage: Stage) -> None:
    stage.mosip.unprovided.add("CRVS_DEATH")
    for _ in range(8):
        await stage.trigger(stage.opencrvs.record("death", DEATH))
    before = stage.mosip.asked["createPacket"]
    for _ in range(24):
        birth = await stage.submitted()
        await stage.world.clock.advance(3600)
        assert (await stage.of(birth)).state is State.SUBMITTED
    assert stage.mosip.asked["createPacket"] - before - 24 < IN_A_DAY + 60
    stage.mosip.unprovided.clear()
    await stage.world.clock.advance(LONGEST + 130)
    assert (await stage.running.way.outlook.now()).backlog.counts == {"SUBMITTED": 32}


# -- OpenCRVS's key ----------------------------------------------------------------------------------


async def triggered(stage: Stage) -> int:
    status: int = (await stage.trigger(stage.opencrvs.record("birth", BIRTH)))[0]
    return status


@pytest.mark.parametrize(("wait", "seconds"), [("120", 120.0), ("999999", LONGEST)])
async def test_key_is_not_asked_for_sooner_than_its_server_says(
    stage: Stage, wait: str, seconds: float
) -> None:
    await stage.restart()
    asked = stage.opencrvs.key_asked
    stage.opencrvs.faults["key"] = [waits(wait, 503)]
    assert set(await asyncio.gather(*(triggered(stage) for _ in range(5)))) == {503}
    await stage.world.clock.advance(seconds - 2)
    assert await triggered(stage) == 503 and stage.opencrvs.key_asked == asked + 1
    await stage.world.clock.advance(4)
    assert await triggered(stage) == 202


async def test_key_that_cannot_be_had_is_asked_for_ever_less_often(stage: Stage) -> None:
    await stage.restart()
    asked = stage.opencrvs.key_asked
    stage.opencrvs.faults["key"] = [lambda: web.Response(status=404)] * 100_000
    for _ in range(600):
        assert await triggered(stage) == 503
        await stage.world.clock.advance(1)
    assert stage.opencrvs.key_asked - asked < 30
    stage.opencrvs.faults.clear()
    await stage.world.clock.advance(61)
    assert await triggered(stage) == 202


BESIDE = {
    "damaged": "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----\n",
    "of another kind": "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
    "no key": "-----BEGIN NOTHING-----\n-----END NOTHING-----\n",
}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("beside", [*BESIDE, "another's"])
async def test_right_key_is_believed_beside_others(stage: Stage, beside: str, first: bool) -> None:
    await stage.restart()
    folder = stage.opencrvs.keys
    right, other = (
        keys.public_pem(folder[n].private_key.public_key()) for n in ("opencrvs-auth", "oidp-client")
    )
    pems = [BESIDE.get(beside, other), right]
    body = "\n".join(pems if first else reversed(pems)).encode()
    stage.opencrvs.faults["key"] = [lambda: web.Response(body=body)]
    assert await triggered(stage) == 202
    if beside in BESIDE:
        stage.opencrvs.key_name = "oidp-client"
        assert await triggered(stage) == 401
