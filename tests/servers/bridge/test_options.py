"""Settings that few countries turn, each by what it changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.registration import State
from tests.servers.bridge.conftest import DEATH, Stage
from tests.servers.bridge.core import called
from tests.servers.bridge.test_confirm import correction

ASKED = "event.actions.reject.request"
HOUR = 3600


def options(**settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stage", [settings], indirect=True)


@options(reject_declaration=False)
async def test_a_rejection_may_end_with_the_action(stage: Stage) -> None:
    event = await stage.submitted()
    await stage.deliver(stage.mosip.ended((await stage.of(event)).packet_id, "FAILED"))
    assert (await stage.of(event)).state is State.REJECTED
    assert len(stage.opencrvs.rejected(event)) == 1 and not called(stage, ASKED)


@options(corrections=False)
async def test_corrections_may_be_none_of_the_id_systems_business(stage: Stage) -> None:
    assert (await stage.trigger(correction(stage), action="APPROVE_CORRECTION"))[0] == 200
    assert not stage.mosip.packets and await stage.running.store.listings.pending() == []


@pytest.mark.parametrize(
    ("stage", "status"),
    [({"mode": "sync"}, 400), ({"mode": "sync", "death_unknown": "register"}, 200)],
    indirect=["stage"],
)
async def test_the_death_of_somebody_unknown(stage: Stage, status: int) -> None:
    unknown = {**DEATH, "deceased.nid": "5806319743540932"}
    assert (await stage.trigger(stage.opencrvs.record("death", unknown)))[0] == status


@options(officer_id="110999")
async def test_the_officer_of_a_packet(stage: Stage) -> None:
    event = await stage.submitted()
    packet = stage.mosip.packets[(await stage.of(event)).packet_id]
    assert "110999" in json.dumps(packet["metaInfo"])


@options(resubscribe_seconds=HOUR)
async def test_subscriptions_are_renewed_as_often_as_set(stage: Stage) -> None:
    for _ in range(2):
        stage.mosip.subscriptions.clear()
        await stage.world.clock.advance(HOUR - 1)
        assert not stage.mosip.subscriptions
        await stage.world.clock.advance(1)
        assert len(stage.mosip.subscriptions) == 2
