"""A question at the callback proves nothing by itself: only the hub knows the address that it was told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.registration import State
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.delivered import waiting
from tests.servers.bridge.stubs import StubMosip
from wire.mosip import hub

TOPIC = "crvs-partner/CREDENTIAL_ISSUED"
RAW = "hub.mode={mode}&hub.topic=" + TOPIC


async def get(stage: Stage, query: str, path: str = "") -> tuple[int, str]:
    async with ClientSession() as session, session.get(f"{stage.callback}{path}?{query}") as answer:
        return answer.status, await answer.text()


async def subscribed(stage: Stage) -> bool:
    return bool((await ask(stage, "GET", "/ready", token=None))[1]["subscriptions"][TOPIC])


def held_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Have the hub ask only when the event is set."""
    gate, asks = asyncio.Event(), StubMosip._intent

    async def later(self: StubMosip, form: dict[str, str]) -> None:
        await gate.wait()
        await asks(self, form)

    monkeypatch.setattr(StubMosip, "_intent", later)
    stage.mosip.subscriptions.clear()
    return gate


QUESTIONS = [
    RAW.format(mode="subscribe") + "&hub.challenge=stranger",
    RAW.format(mode="denied") + "&hub.reason=Subscriber has already registered with the Hub",
    RAW.format(mode="denied") + "&hub.reason=no",
    RAW.format(mode="unsubscribe") + "&hub.challenge=stranger",
    "hub.challenge=stranger",
]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("path", ["", "/", "/" + "0" * 32])
async def test_a_strangers_question_takes_nothing_from_the_hubs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, question: str, path: str
) -> None:
    gate = held_back(stage, monkeypatch)
    await stage.restart()
    for _ in range(3):
        await get(stage, question, path)
    assert not await subscribed(stage)
    gate.set()
    await stage.world.clock.settle()
    assert await subscribed(stage) and TOPIC in stage.mosip.subscriptions
    event, registration = await waiting(stage)
    callback, secret = stage.mosip.subscriptions[TOPIC]
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert await stage.mosip.deliver(callback, body, secret=secret) == 200
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_the_hub_may_ask_again_when_our_answer_was_lost(stage: Stage) -> None:
    callback, _ = stage.mosip.subscriptions[TOPIC]
    path = callback.removeprefix(stage.callback)
    assert path.strip("/") and path.strip("/") != TOPIC
    question = hub.intent_query(TOPIC, "again")
    assert await get(stage, question, path) == (200, "again")
    assert (await get(stage, question))[0] == 404
    assert (await get(stage, hub.intent_query("another/TOPIC", "x"), path))[0] == 404
    await stage.world.clock.advance(600)
    assert (await get(stage, question, path))[0] == 404


@pytest.mark.parametrize("stage", [{"callback_key": False}], indirect=True)
async def test_without_a_key_a_delivery_shows_that_we_are_subscribed(stage: Stage) -> None:
    assert stage.mosip.subscriptions[TOPIC][0] == stage.callback
    assert not await subscribed(stage)
    _, registration = await waiting(stage)
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert await stage.deliver(body, secret="wrong") == 401
    assert not await subscribed(stage)
    assert await stage.deliver(body) == 200
    assert await subscribed(stage)


@pytest.mark.parametrize("url", ["{}", "{}/", "{}?a=b"])
async def test_the_key_is_the_last_part_of_the_path(stage: Stage, url: str) -> None:
    given = url.format(stage.callback)
    await stage.restart(callback_url=given, port=int(stage.running.mediator_url.rsplit(":", 1)[1]))
    callback, _ = stage.mosip.subscriptions[TOPIC]
    assert callback.startswith(f"{stage.callback}/") and len(callback) >= len(stage.callback) + 33
    assert await subscribed(stage)


async def test_other_secrets_and_topics_have_other_keys(stage: Stage) -> None:
    before: dict[str, Any] = dict(stage.mosip.subscriptions)
    assert len({callback for callback, _ in before.values()}) == len(before)
    await stage.restart(hub_secret="another-secret")
    assert stage.mosip.subscriptions[TOPIC][0] != before[TOPIC][0]
