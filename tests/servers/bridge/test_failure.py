"""What stands before the ID system and OpenCRVS speaks for itself, never about a record (contract mosip §15
row 8), and is waited for as long as it asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from bridge.registration import State
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.gateways import waits
from tests.servers.bridge.queued import queued
from tests.servers.bridge.test_confirmation import ACCEPT, issued
from tests.sizes import ON_CI

DAY = 86400.0


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


def tried(turn: int) -> dict[str, Answer]:
    """On a laptop a third of them, so that three seams see them all."""
    return GATEWAYS if ON_CI else dict([*GATEWAYS.items()][turn::3])


@pytest.mark.parametrize(("turn", "seam"), [*enumerate(["authenticate", "createPacket", "workflowinstance"])])
async def test_what_a_gateway_says_is_not_about_the_packet(stage: Stage, turn: int, seam: str) -> None:
    ends = {}
    for name, answer in tried(turn).items():
        await stage.restart()  # a new log-in, and no rest of the one before
        stage.mosip.faults[seam] = [answer] * 2
        event = await queued(stage)
        before = (await stage.of(event)).state
        await stage.world.clock.advance(60)
        ends[name] = before, (await stage.of(event)).state
    assert ends == dict.fromkeys(tried(turn), (State.QUEUED, State.SUBMITTED))


async def test_what_a_gateway_says_is_not_about_the_acceptance(stage: Stage) -> None:
    ends = {}
    for name, answer in tried(0).items():
        await stage.restart()
        stage.opencrvs.faults[ACCEPT] = [answer] * 2
        event = await issued(stage)
        await stage.world.clock.advance(60)
        ends[name] = (await stage.of(event)).state
    assert ends == dict.fromkeys(tried(0), State.CONFIRMED)


@pytest.mark.parametrize(("turn", "seam"), [(1, "idvid"), (2, "status")])
async def test_what_a_gateway_says_is_not_about_the_identity(stage: Stage, turn: int, seam: str) -> None:
    ends = {}
    for number, (name, answer) in enumerate(tried(turn).items()):
        event = await queued(stage)
        packet = (await stage.of(event)).packet_id
        stage.mosip.standing[packet] = "UIN_GENERATED"
        stage.mosip.identities[packet] = {"UIN": f"{4238670900 + number}"}
        stage.mosip.faults[packet if seam == "idvid" else seam] = [answer] * 2
        await stage.world.clock.advance(DAY / 2)
        ends[name] = (await stage.of(event)).state
    assert ends == dict.fromkeys(tried(turn), State.CONFIRMED)


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
