"""What a person has to mend holds the records until it is mended (contract mosip §15 row 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from bridge.registration import State
from tests.servers.bridge.conftest import DEATH, OPERATIONS, Stage
from tests.servers.bridge.queued import queued
from tests.servers.bridge.test_confirmation import ACCEPT, issued
from tests.servers.bridge.test_work import said

DAY = 86400.0
IN_A_DAY = DAY / 900 * 1.5 + 20
"""Calls for all together: rests of 900 s, less the part that chance takes off, and the first that grow."""
SOON = {"give_up_seconds": DAY / 2}
"""What is about a record is given up long before the end of such a test."""

Answer = Callable[[], web.Response]


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
        events = [await queued(stage) for _ in range(3)]
        await stage.world.clock.advance(DAY)
    assert (await stage.running.way.outlook.now()).backlog.counts == {"QUEUED": 3}
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
    events = [await issued(stage) for _ in range(3)]
    await stage.world.clock.advance(DAY)
    assert (await stage.running.way.outlook.now()).backlog.counts == {"ISSUED": 3}
    assert sum(path == ACCEPT for path, _, _ in stage.opencrvs.calls) < IN_A_DAY + 3
    assert (await ready(stage))["faults"][0]["waiting"] > 0
    stage.opencrvs.faults.clear()
    await stage.world.clock.advance(910)
    assert {(await stage.of(event)).state for event in events} == {State.CONFIRMED}


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
