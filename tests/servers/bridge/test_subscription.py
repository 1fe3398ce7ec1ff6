"""Subscriptions at the hub: the challenge, a lost one, a changed secret, a hub that is down."""

from __future__ import annotations

from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.stubs import TOPIC


async def test_challenge_is_answered_only_for_a_pending_request(stage: Stage) -> None:
    url = f"/websub/callback?hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=c"
    assert (await ask(stage, "GET", url, token=None))[0] == 404
    assert (await ask(stage, "GET", "/websub/callback", token=None))[0] == 400


async def test_lost_subscription_is_made_again(stage: Stage) -> None:
    stage.mosip.subscriptions.clear()
    await stage.world.clock.advance(6 * 3600)
    assert TOPIC in stage.mosip.subscriptions


async def test_changed_secret_unsubscribes_first(stage: Stage) -> None:
    port = int(stage.running.mediator_url.rsplit(":", 1)[1])
    await stage.restart(kill=False, port=port, hub_secret="another-secret")
    assert stage.mosip.subscriptions[TOPIC][1] == "another-secret"


async def test_hub_that_is_down_at_the_start_is_no_reason_to_die(stage: Stage) -> None:
    stage.mosip.down = True
    stage.mosip.subscriptions.clear()
    await stage.restart()
    assert (await ask(stage, "GET", "/ready", token=None))[1]["subscriptions"][TOPIC] is False
    stage.mosip.down = False
    await stage.world.clock.advance(300)
    assert TOPIC in stage.mosip.subscriptions
