"""What stands before the ID system and OpenCRVS speaks for itself, never about a record (contract mosip §15
row 8): it is waited for, as long as it asks; what a person has to mend holds the records until it is mended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, DEATH, OPERATIONS, Stage
from tests.servers.bridge.test_confirmation import ACCEPT, issued
from tests.servers.bridge.test_nid_trouble import queued, said

DAY = 86400.0
SOON = {"give_up_seconds": DAY / 2}
"""What is about a record is given up long before the end of such a test."""

Answer = Callable[[], web.Response]

GATEWAYS: dict[str, Answer] = {
    "429 JSON": lambda: web.json_response({"message": "API rate limit exceeded"}, status=429),
    "429 with errors": lambda: web.json_response(
        {"errors": [{"errorCode": "429", "message": "Too Many Requests"}], "response": None}, status=429
    ),
    "429 in a 200": lambda: web.json_response({"response": None, "errors": [{"errorCode": "429"}]}),
    "408": lambda: web.json_response({"message": "Request Timeout"}, status=408),
    "404 Kong": lambda: web.json_response({"message": "no Route matched with those values"}, status=404),
    "404 Spring": lambda: web.json_response({"status": 404, "error": "Not Found", "path": "/x"}, status=404),
    "413": lambda: web.json_response({"message": "Request size limit exceeded"}, status=413),
    "413 nginx": lambda: web.Response(status=413, text="<html>", content_type="text/html"),
    "400 nginx": lambda: web.Response(status=400, text="<html>", content_type="text/html"),
    "403 WAF": lambda: web.Response(status=403, text="<html>", content_type="text/html"),
    "401": lambda: web.json_response({"message": "Unauthorized"}, status=401),
    "407": lambda: web.json_response({}, status=407),
    "302": lambda: web.Response(status=302, headers={"Location": "https://login.example/"}),
    "502": lambda: web.Response(status=502, text="<html>", content_type="text/html"),
    "503 JSON": lambda: web.json_response({"message": "name resolution failed"}, status=503),
    "504": lambda: web.json_response({"errors": []}, status=504),
    "200 HTML": lambda: web.Response(text="<html>maintenance</html>", content_type="text/html"),
    "200 JSON": lambda: web.json_response({"message": "please log in"}),
    "200 empty": lambda: web.Response(),
    "204": lambda: web.Response(status=204),
    "200 null": lambda: web.json_response({"response": None, "errors": None}),
    "200 odd": lambda: web.json_response({"response": "x", "errors": []}),
    "errors in words": lambda: web.json_response({"response": None, "errors": "slow down"}),
    "errors without code": lambda: web.json_response({"response": None, "errors": [{"message": "slow"}]}),
    "errors null": lambda: web.json_response({"response": None, "errors": [None]}),
    "errors foreign": lambda: web.json_response({"response": None, "errors": [{"errorCode": "SLOW_DOWN"}]}),
    "404 with errors": lambda: web.json_response({"errors": [{"errorCode": "no_route"}]}, status=404),
}


@pytest.mark.parametrize("seam", ["authenticate", "createPacket", "workflowinstance"])
@pytest.mark.parametrize("answer", GATEWAYS.values(), ids=GATEWAYS)
async def test_what_a_gateway_says_is_not_about_the_packet(stage: Stage, seam: str, answer: Answer) -> None:
    stage.mosip.faults[seam] = [answer] * 2
    event = await queued(stage)
    assert (await stage.of(event)).state is State.QUEUED
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.SUBMITTED


@pytest.mark.parametrize("answer", GATEWAYS.values(), ids=GATEWAYS)
async def test_what_a_gateway_says_is_not_about_the_acceptance(stage: Stage, answer: Answer) -> None:
    stage.opencrvs.faults[ACCEPT] = [answer] * 2
    event = await issued(stage)
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.CONFIRMED


@pytest.mark.parametrize("seam", ["idvid", "status"])
@pytest.mark.parametrize("answer", GATEWAYS.values(), ids=GATEWAYS)
async def test_what_a_gateway_says_is_not_about_the_identity(stage: Stage, seam: str, answer: Answer) -> None:
    event = await queued(stage)
    packet = (await stage.of(event)).packet_id
    stage.mosip.standing[packet], stage.mosip.identities[packet] = "UIN_GENERATED", {"UIN": "4238670978"}
    stage.mosip.faults[packet if seam == "idvid" else seam] = [answer] * 2
    await stage.world.clock.advance(DAY / 2)
    assert (await stage.of(event)).state is State.CONFIRMED


def waits(wait: str, status: int = 429) -> Answer:
    return lambda: web.json_response({"message": "slowly"}, status=status, headers={"Retry-After": wait})


def in_seconds(now: datetime, seconds: int) -> str:
    return format_datetime(now + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed_by_the_whole_destination(stage: Stage, form: str, status: int) -> None:
    now = stage.world.clock.now()
    wait = "120" if form == "seconds" else in_seconds(now, 120)
    stage.mosip.faults["createPacket"] = [waits(wait, status)]
    first = await queued(stage)
    second = await queued(stage)
    await stage.world.clock.advance(115)
    assert stage.mosip.asked["createPacket"] == 1
    await stage.world.clock.advance(15)
    assert {(await stage.of(event)).state for event in (first, second)} == {State.SUBMITTED}


PAST = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize("wait", ["0", PAST, "Mon, 01 Jan 0001 00:00:00 +2359"])
@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_for_no_wait_is_asked_again_in_a_moment(stage: Stage, wait: str, status: int) -> None:
    stage.mosip.faults["createPacket"] = [waits(wait, status)] * 2
    event = await queued(stage)
    await stage.world.clock.advance(30)
    assert (await stage.of(event)).state is State.SUBMITTED


@pytest.mark.parametrize("wait", ["999999999", "-5", "soon", "1e9", "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_retry_after_is_bounded(stage: Stage, wait: str) -> None:
    stage.mosip.faults["createPacket"] = [waits(wait)]
    event = await queued(stage)
    await stage.world.clock.advance(901)
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_opencrvs_retry_after_is_obeyed(stage: Stage) -> None:
    stage.opencrvs.faults[ACCEPT] = [waits("300")]
    event = await issued(stage)
    await stage.world.clock.advance(290)
    assert sum(path == ACCEPT for path, _, _ in stage.opencrvs.calls) == 1
    assert (await stage.of(event)).state is State.ISSUED
    await stage.world.clock.advance(20)
    assert (await stage.of(event)).state is State.CONFIRMED


class Bucket:
    """Takes so many calls a second, answers 429 beyond."""

    def __init__(self, stage: Stage, rate: int) -> None:
        self._clock, self._rate, self._second, self._taken = stage.world.clock, rate, 0, 0
        self.refused = 0

    def __bool__(self) -> bool:
        second = int(self._clock.now().timestamp())
        if second != self._second:
            self._second, self._taken = second, 0
        self._taken += 1
        return self._taken > self._rate

    def pop(self, _at: int) -> Answer:
        self.refused += 1
        return waits("1")


async def test_slow_id_system_gets_its_pace_and_every_registration_its_end(stage: Stage) -> None:
    bucket = Bucket(stage, 20)
    stage.mosip.faults["createPacket"] = bucket  # type: ignore[assignment]
    events = [stage.opencrvs.record("birth", BIRTH) for _ in range(300)]
    for at in range(0, 300, 50):
        await asyncio.gather(*(stage.trigger(event) for event in events[at : at + 50]))
    await stage.world.clock.advance(60)
    assert await stage.running.operations.counts() == {"SUBMITTED": 300}
    assert bucket.refused < 600
    for event in events:
        packet = (await stage.of(event)).packet_id
        body = stage.mosip.event(packet, stage.mosip.credential(packet))
        assert await stage.mosip.deliver(stage.callback, body) == 200
    await stage.world.clock.advance(30)
    assert await stage.running.pending() == []


# -- what a person has to mend ------------------------------------------------------------------------


async def ready(stage: Stage) -> dict[str, Any]:
    async with ClientSession() as session, session.get(f"{stage.running.mediator_url}/ready") as answer:
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
        return body


async def listed(stage: Stage) -> list[dict[str, Any]]:
    url = f"{stage.running.mediator_url}/operations/registrations"
    headers = {"Authorization": f"Bearer {OPERATIONS}"}
    async with ClientSession() as session, session.get(url, headers=headers) as answer:
        found: list[dict[str, Any]] = (await answer.json())["registrations"]
        return found


@pytest.mark.parametrize("stage", [SOON], indirect=True)
async def test_no_provider_for_anybody_holds_the_records_until_it_is_mended(stage: Stage) -> None:
    provider = said(stage.world, "KER-PUT-006", message="No available provider for given source and process")
    stage.mosip.faults["createPacket"] = [provider] * 100_000
    with capture_logs() as logs:
        events = [await queued(stage) for _ in range(30)]
        await stage.world.clock.advance(DAY)
    assert await stage.running.operations.counts() == {"QUEUED": 30}
    told = [line for line in logs if line["log_level"] == "error"]
    assert len(told) == 1 and "MOSIP_PACKET_SOURCE" in told[0]["remedy"]
    [fault] = (await ready(stage))["faults"]
    assert fault["code"] == "KER-PUT-006" and "MOSIP_PACKET_SOURCE" in fault["remedy"]
    assert any("MOSIP_PACKET_SOURCE" in (line["advice"] or "") for line in await listed(stage))
    assert stage.mosip.asked["createPacket"] < DAY / 60
    await stage.restart()  # and what is waited for is known after a restart
    assert (await ready(stage))["faults"]
    stage.mosip.faults.clear()
    await stage.world.clock.advance(910)
    assert {(await stage.of(event)).state for event in events} == {State.SUBMITTED}
    assert (await ready(stage))["faults"] == []


def forbidden(status: int = 403, code: str = "FORBIDDEN") -> Answer:
    data = {"code": code, "httpStatus": status}
    error = {"error": {"json": {"message": code, "code": -32003, "data": data}}}
    return lambda: web.json_response([error], status=status)


@pytest.mark.parametrize("stage", [SOON], indirect=True)
@pytest.mark.parametrize("answer", [forbidden(), forbidden(401, "UNAUTHORIZED")], ids=["403", "401"])
async def test_right_that_lacks_at_every_accept_holds_the_records_until_it_is_given(
    stage: Stage, answer: Answer
) -> None:
    stage.opencrvs.faults[ACCEPT] = [answer] * 100_000
    events = [await issued(stage) for _ in range(20)]
    await stage.world.clock.advance(DAY)
    assert await stage.running.operations.counts() == {"ISSUED": 20}
    assert (await ready(stage))["faults"][0]["waiting"] > 0
    stage.opencrvs.faults.clear()
    await stage.world.clock.advance(910)
    assert {(await stage.of(event)).state for event in events} == {State.CONFIRMED}


@pytest.mark.parametrize("stage", [SOON], indirect=True)
async def test_wrong_secret_at_the_auth_manager_holds_the_records(stage: Stage) -> None:
    keycloak = '401 Unauthorized: "{"error":"unauthorized_client"}"'
    await stage.restart()
    stage.mosip.faults["authenticate"] = [said(stage.world, "500", 500, keycloak)] * 100_000
    event = await queued(stage)
    await stage.world.clock.advance(DAY)
    assert (await stage.of(event)).held == "auth manager"
    stage.mosip.faults.clear()
    await stage.world.clock.advance(910)
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_record_that_alone_is_refused_is_stuck_by_name(stage: Stage) -> None:
    alone = await stage.submitted()
    stage.opencrvs.forbidden.add(alone["id"])
    packet = (await stage.of(alone)).packet_id
    await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    assert (await stage.of(alone)).held == "opencrvs-credential"
    for _ in range(12):
        await issued(stage)  # others get through
        await stage.world.clock.advance(600)
    assert (await stage.of(alone)).reason == "token-refused"


async def test_deaths_that_nobody_provides_for_do_not_hold_births(stage: Stage) -> None:
    stage.mosip.unprovided.add("CRVS_DEATH")
    death = stage.opencrvs.record("death", DEATH)
    assert (await stage.trigger(death))[0] == 202
    for _ in range(12):
        assert (await stage.of(await stage.submitted())).state is State.SUBMITTED
        await stage.world.clock.advance(600)
    assert (await stage.of(death)).held == "KER-PUT-006"
    stage.mosip.unprovided.clear()
    await stage.world.clock.advance(901)
    assert (await stage.of(death)).state is State.SUBMITTED
