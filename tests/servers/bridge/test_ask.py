"""Synchronous mode: the ID system is asked while OpenCRVS waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.test_work import said

sync = pytest.mark.parametrize("stage", [{"mode": "sync"}], indirect=True)
fallback = pytest.mark.parametrize("stage", [{"mode": "async-after-sync-timeout"}], indirect=True)
UIN = "4238670978"


@sync
async def test_yes_is_200_with_number_and_national_id(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    status, body = await stage.trigger(event)
    number = f"2026B{event['trackingId']}"
    assert (status, body) == (200, {"registrationNumber": number, "declaration": {"child.nid": UIN}})
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.CONFIRMED
    await stage.world.clock.advance(3600)
    assert {path for path, _, _ in stage.opencrvs.calls} <= {"event.config.get"}
    identity = stage.mosip.identities[(await stage.of(event)).packet_id]
    assert identity["fullName"] == [{"language": "eng", "value": "Chanda Natasha Mulenga"}]


@sync
async def test_no_is_400(stage: Stage) -> None:
    stage.mosip.faults["identity"] = [said(stage.world, "IDR-IDC-002")]
    event = stage.opencrvs.record("birth", BIRTH)
    status, body = await stage.trigger(event)
    assert status == 400
    assert "does not accept" in body["reason"]
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.REJECTED


@sync
async def test_the_same_question_gets_the_same_answer(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    answers = [await stage.trigger(event, token) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(stage.mosip.identities) == 1


@sync
async def test_without_an_answer_the_record_is_confirmed_later(stage: Stage) -> None:
    stage.mosip.faults["uin"] = [lambda: web.Response(status=503)]
    event = stage.opencrvs.record("birth", BIRTH)
    status, _ = await stage.trigger(event)
    assert status == 503
    await stage.world.clock.advance(60)
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": UIN}


@fallback
async def test_time_limit_turns_into_202_and_one_identity(stage: Stage) -> None:
    reached = asyncio.Event()

    class Slow(web.Response):
        async def prepare(self, request: web.BaseRequest) -> Any:
            reached.set()
            await stage.world.clock.sleep(60)
            return await super().prepare(request)

    stage.mosip.faults["uin"] = [lambda: Slow(status=503)]
    event = stage.opencrvs.record("birth", BIRTH)
    asked = asyncio.create_task(stage.trigger(event))
    await reached.wait()
    await stage.world.clock.advance(10)
    assert (await asked)[0] == 202
    await stage.world.clock.advance(120)
    assert len(stage.opencrvs.accepted(event)) == 1
    assert len(stage.mosip.identities) == 1


@sync
async def test_crash_between_question_and_answer_makes_no_second_identity(stage: Stage) -> None:
    created = stage.mosip._identity
    event = stage.opencrvs.record("birth", BIRTH)
    stage.mosip.faults["idvid"] = []
    reached = asyncio.Event()

    class Lost(web.Response):
        async def prepare(self, request: web.BaseRequest) -> Any:
            await created(request)  # type: ignore[arg-type]
            reached.set()
            await stage.world.clock.sleep(1000)
            return await super().prepare(request)

    stage.mosip.faults["identity"] = [lambda: Lost()]
    asked = asyncio.create_task(stage.trigger(event))
    await reached.wait()
    await stage.restart(kill=True)
    await asyncio.gather(asked, return_exceptions=True)
    await stage.world.clock.advance(120)
    assert len(stage.opencrvs.accepted(event)) == 1
    assert stage.mosip.asked["uin"] == 1


async def test_child_that_is_too_old_is_registered_at_once(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", {**BIRTH, "child.dob": "2016-03-02"})
    assert await stage.trigger(event) == (200, {"registrationNumber": f"2026B{event['trackingId']}"})
    younger = stage.opencrvs.record("birth", {**BIRTH, "child.dob": "2016-03-03"})
    assert (await stage.trigger(younger))[0] == 202


async def test_both_ports_say_what_they_serve(stage: Stage) -> None:
    async with ClientSession() as session:
        for base in (stage.running.trigger_url, stage.running.mediator_url):
            async with session.get(f"{base}/health") as answer:
                assert answer.status == 200
            async with session.get(f"{base}/ready") as answer:
                assert set((await answer.json())["subscriptions"].values()) == {True}
