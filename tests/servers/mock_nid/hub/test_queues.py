"""Deliveries of the hub, and each of their quirks on and off (contract mosip §4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from tests.servers.mock_nid.actors import Stage
from wire.mosip import hub

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"


@pytest.mark.requirement("MOSIP-HUB-05")
async def test_only_what_comes_after_the_subscription(stage: Open) -> None:
    s = await stage()
    await s.client.submit("100010000000001")
    await s.advance(60)
    await s.listen(CREDENTIALS)
    await s.client.submit("100010000000002")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert delivery.body["event"]["data"]["registrationId"] == "100010000000002"


@pytest.mark.parametrize(("neighbours", "tried", "again"), [(True, 1, 3), (False, 3, 0)])
@pytest.mark.requirement("MOSIP-HUB-06")
async def test_http_errors_are_not_retried_and_take_the_batch_along(
    stage: Open, neighbours: bool, tried: int, again: int
) -> None:
    s = await stage(hub_lose_neighbours=neighbours)
    await s.client.submit("100010000000001")
    await s.advance(60)
    await s.listen(COMPLETED)
    (registration,) = s.running.registrations
    s.subscriber.answers = [503]
    for _ in range(3):
        s.running.publisher.completed(registration, "PROCESSED")
    await s.advance(3600)
    assert len(s.subscriber.deliveries) == tried
    _, body, _ = await s.client.call("POST", "/admin/hub/restart")
    await s.settle()
    assert body == {"delivered_again": again}
    assert len(s.subscriber.deliveries) == tried + again


async def test_http_errors_are_retried_when_so_set(stage: Open) -> None:
    s = await stage(hub_retry_http_errors=True)
    await s.listen(COMPLETED)
    s.subscriber.answers = [500, 502]
    await s.client.submit("100010000000001")
    await s.advance(60)
    assert len(s.subscriber.deliveries) == 3


async def test_the_delivery_in_the_style_of_opencrvs_mock(stage: Open) -> None:
    s = await stage(style="upstream-mock")
    assert (await s.client.subscribe(COMPLETED, s.subscriber.url))[:2] == (200, "Subscribed successfully.")
    await s.settle()
    await s.client.submit("100010000000001")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert delivery.path == "/websub/callback" and b'":"' in delivery.raw
    assert hub.SIGNATURE_HEADER not in delivery.headers and "Link" not in delivery.headers


@pytest.mark.parametrize(
    ("kind", "count"),
    [("lose", 0), ("duplicate", 2), ("wrong-signature", 1), ("no-signature", 1), ("malformed-body", 1)],
)
async def test_delivery_faults_say_so_in_the_journal(stage: Open, kind: str, count: int) -> None:
    s = await stage()
    await s.listen(CREDENTIALS)
    status, _, _ = await s.client.call(
        "POST", "/admin/faults", json={"seam": "hub.deliver", "kind": kind, "record": "100010000000001"}
    )
    assert status == 201
    await s.client.submit("100010000000001")
    await s.advance(60)
    assert len(s.subscriber.deliveries) == count
    told = [
        one.faults for one in s.running.journal.about("100010000000001") if one.operation == "hub.deliver"
    ]
    assert any(f"{kind} at hub.deliver" in faults for faults in told)


async def test_plan_of_copies_loss_and_overtaking(stage: Open) -> None:
    s = await stage()
    await s.listen(CREDENTIALS)
    s.running.plans.enqueue(
        {"outcome": "issue", "hold": 600}, {"outcome": "issue", "copies": 2}, {"lost": True}
    )
    for number in (1, 2, 3):
        await s.client.submit(f"10001000000000{number}")
    await s.advance(3600)
    ids = [one.body["event"]["data"]["registrationId"][-1] for one in s.subscriber.deliveries]
    assert ids == ["2", "2", "1"]
    assert len({one.body["event"]["id"] for one in s.subscriber.deliveries}) == 2


Open = Callable[..., Awaitable[Stage]]


COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"


@pytest.mark.parametrize(("settings", "comes"), [({}, 0), ({"credential_topic": "plain"}, 1)])
async def test_stock_mosip_publishes_nothing_on_the_plain_topic(
    stage: Open, settings: dict[str, str], comes: int
) -> None:
    """The upstream mediator's default environment subscribes there, and waits for ever (§4.3)."""
    s = await stage(**settings)
    status, _, _ = await s.client.subscribe(
        "CREDENTIAL_ISSUED", s.subscriber.url, client="mosip-websub-client"
    )
    assert status == 202
    await s.settle()
    await s.client.submit("100010000000031")
    await s.advance(60)
    assert [one.body["topic"] for one in s.subscriber.deliveries] == ["CREDENTIAL_ISSUED"] * comes


@pytest.mark.requirement("MOSIP-HUB-08")
async def test_subscriber_that_answers_late_is_tried_again(stage: Open) -> None:
    s = await stage()
    await s.listen(COMPLETED)
    port = s.subscriber.listening.port
    await s.subscriber.close()
    await s.client.submit("100010000000041")
    await s.advance(6)
    assert s.subscriber.deliveries == []
    from aiohttp import web

    from wire.http.listening import listen

    app = web.Application()
    app.add_routes([web.post("/{path:.*}", s.subscriber._delivery)])
    s.subscriber.listening = await listen(app, "127.0.0.1", port, "none")
    await s.advance(30)
    assert len(s.subscriber.deliveries) == 1


async def test_a_word_counts_from_when_it_was_sent(stage: Open, aiohttp_server: AiohttpServer) -> None:
    """A subscriber may act on it before the hub has read that it was taken."""
    s = await stage()
    came: list[datetime] = []

    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=request.query["hub.challenge"])

    async def takes_its_time(request: web.Request) -> web.Response:
        came.append(s.world.clock.now())
        await s.world.clock.sleep(10)
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/slow/", echo), web.get("/slow", echo), web.post("/slow/", takes_its_time)])
    subscriber = await aiohttp_server(app)
    await s.client.subscribe(COMPLETED, str(subscriber.make_url("/slow")))
    await s.settle()
    await s.client.submit("100010000000001")
    await s.advance(60)
    assert [fact.at for fact in s.running.journal.facts if fact.said.word == "processed"] == came != []
