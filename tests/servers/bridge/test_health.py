"""Alive, and ready to serve."""

from __future__ import annotations

import sqlite3

from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import TOPIC


async def test_ready_means_that_the_store_takes_writes(stage: Stage) -> None:
    assert (await ask(stage, "GET", "/ready", token=None))[0] == 200
    path = stage.settings["database_url"].partition("///")[2]
    with sqlite3.connect(path) as store:  # what is still read, and no longer written
        store.execute("CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(FAIL, 'full'); END")
    status, answer = await ask(stage, "GET", "/ready", token=None)
    assert (status, answer["error"]) == (503, "Not ready")
    assert (await ask(stage, "GET", "/health", token=None))[0] == 200


async def test_ready_is_told_although_no_subscription_stands(stage: Stage) -> None:
    stage.mosip.down = True
    stage.mosip.subscriptions.clear()
    await stage.restart()
    status, answer = await ask(stage, "GET", "/ready", token=None)
    assert (status, answer["status"], answer["subscriptions"][TOPIC]) == (200, "ready", False)
    assert (await stage.trigger(stage.opencrvs.record("birth", BIRTH)))[0] == 202
