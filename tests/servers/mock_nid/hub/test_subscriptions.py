"""Subscriptions at the hub: answers, rights, intent, and the quirks of each (contract mosip §4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.servers.mock_nid.actors import Stage
from wire.mosip import events, hub

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"


@pytest.mark.requirement("MOSIP-HUB-01")
async def test_answers_before_the_intent(stage: Open) -> None:
    s = await stage()
    url = s.subscriber.url
    for path in ("/hub", "/hub/", "/websub/hub", "/websub/hub/"):
        status, body, _ = await s.client.call("POST", path, data="", headers={"Content-Type": hub.FORM})
        assert (status, body) == (400, "The request does not include valid `hub.mode` form param.")
    status, body, _ = await s.client.call("POST", "/hub", data={"hub.mode": "subscribe"})
    assert (status, body) == (400, "Empty value found for parameter 'hub.topic'")
    status, body, _ = await s.client.call("POST", "/hub", data="x", headers={"Content-Type": "image/png"})
    assert status == 400 and body.startswith("Endpoint only supports content type of")
    status, body, _ = await s.client.subscribe("other-partner/CREDENTIAL_ISSUED", url)
    assert (status, body) == (500, "hub.mode=denied&hub.reason=Subscriber is not authorized")
    status, body, _ = await s.client.subscribe(COMPLETED, url, client="other-partner")
    assert (status, body) == (500, "hub.mode=denied&hub.reason=Subscriber is not authorized")
    status, body, _ = await s.client.subscribe(CREDENTIALS, url, client="mosip-websub-client")
    assert (status, body) == (500, "hub.mode=denied&hub.reason=Subscriber is not authorized")
    form = hub.subscribe_form(CREDENTIALS, url, "x")
    headers = {"Content-Type": hub.FORM, "Cookie": "other=1"}
    status, body, _ = await s.client.call("POST", "/hub", data=form, headers=headers)
    assert (status, body) == (500, "hub.mode=denied&hub.reason=Authorization token cannot be found")
    secretless = {"hub.mode": "subscribe", "hub.topic": CREDENTIALS, "hub.callback": url}
    cookie = await s.client.cookie("crvs-partner")
    assert (await s.client.call("POST", "/hub", data=secretless, headers=cookie))[0] == 500
    status, body, _ = await s.client.subscribe(CREDENTIALS, url)
    assert (status, body) == (202, "hub.mode=accepted")
    assert (await s.client.call("GET", "/hub/actuator/health"))[1] == {"status": "UP"}


@pytest.mark.requirement("MOSIP-HUB-07")
async def test_publishing_is_refused_with_200(stage: Open) -> None:
    s = await stage()
    update = events.credential_status_update(
        publisher="crvs-partner", event_id="e", request_id="r", now=s.world.clock.now()
    )
    path = f"/hub?{hub.publish_query('CREDENTIAL_STATUS_UPDATE')}"
    cookie = await s.client.cookie("other-partner")
    status, body, _ = await s.client.call("POST", path, json=update, headers=cookie)
    assert (status, body) == (200, "hub.mode=denied&hub.reason=Publisher is not authorized")
    cookie = await s.client.cookie("crvs-partner")
    assert (await s.client.call("POST", path, json=update, headers=cookie))[1] == "hub.mode=accepted"


@pytest.mark.parametrize(
    ("client", "answer"),
    [
        ("mosip-creser-client", "hub.mode=accepted"),
        ("mosip-regproc-client", "hub.mode=denied&hub.reason=Publisher is not authorized"),
        ("crvs-partner", "hub.mode=denied&hub.reason=Publisher is not authorized"),
    ],
)
async def test_credentials_are_published_by_the_credential_service_alone(
    stage: Open, client: str, answer: str
) -> None:
    """The client that a country packs with has no word in what is issued (contract mosip §15 rows 2, 13)."""
    s = await stage()
    path = f"/hub?{hub.publish_query(CREDENTIALS)}"
    _, body, _ = await s.client.call("POST", path, json={}, headers=await s.client.cookie(client))
    assert body == answer


async def test_in_the_lenient_style_anybody_subscribes(stage: Open) -> None:
    s = await stage(style="upstream-mock")
    status, _, _ = await s.client.subscribe(CREDENTIALS, s.subscriber.url, client="no-roles-client")
    assert status == 200


@pytest.mark.requirement("MOSIP-HUB-02")
async def test_a_second_subscription_is_denied_and_the_old_secret_stays(stage: Open) -> None:
    s = await stage()
    await s.listen(CREDENTIALS)
    await s.client.subscribe(CREDENTIALS, s.subscriber.url, secret="another")
    await s.settle()
    assert s.subscriber.intents[-1]["hub.mode"] == "denied"
    assert s.subscriber.intents[-1]["hub.reason"] == "Subscriber has already registered with the Hub"
    await s.client.submit("100010000000001")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    hub.verify_signature(delivery.headers[hub.SIGNATURE_HEADER], "mosip-websub-secret", delivery.raw)


@pytest.mark.requirement("MOSIP-HUB-09")
async def test_unsubscribing(stage: Open) -> None:
    s = await stage()
    cookie = {**await s.client.cookie("crvs-partner"), "Content-Type": hub.FORM}
    form = hub.subscribe_form(CREDENTIALS, s.subscriber.url, "x", "unsubscribe")
    await s.client.call("POST", "/hub", data=form, headers=cookie)
    await s.settle()
    assert s.subscriber.intents[-1]["hub.reason"] == f"Topic [{CREDENTIALS}] is not registered with the Hub"
    await s.listen(CREDENTIALS)
    assert (await s.client.call("POST", "/hub", data=form, headers=cookie))[0] == 202
    await s.settle()
    assert s.subscriber.intents[-1]["hub.mode"] == "unsubscribe"
    assert not s.running.subscriptions.subscriptions


@pytest.mark.requirement("MOSIP-HUB-03")
async def test_a_wrong_challenge_makes_no_subscription(stage: Open) -> None:
    s = await stage()
    s.subscriber.echo = False
    await s.listen(CREDENTIALS)
    assert not s.running.subscriptions.subscriptions


async def test_denial_can_be_a_403(stage: Open) -> None:
    s = await stage(hub_denied_status=403)
    assert (await s.client.subscribe("x/CREDENTIAL_ISSUED", s.subscriber.url))[0] == 403
