"""What begins when OpenCRVS has its answer, or has not taken it."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.test_ask import UIN, sync


@sync
async def test_answer_that_opencrvs_never_read_is_confirmed_by_accept(stage: Stage) -> None:
    waiting = asyncio.Event()

    class Slow(web.Response):
        async def prepare(self, request: web.BaseRequest) -> Any:
            waiting.set()
            await stage.world.clock.sleep(1)
            return await super().prepare(request)

    stage.mosip.faults["uin"] = [lambda: Slow(text='{"response": {"uin": "4238670978"}, "errors": null}')]
    event = stage.opencrvs.record("birth", BIRTH)
    asked = asyncio.create_task(stage.trigger(event))
    await waiting.wait()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await stage.world.clock.advance(120)
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": UIN}
