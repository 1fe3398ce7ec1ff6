"""Registrations through the whole of OpenCRVS's mock: a registrar's click in, the accepted record out."""

from __future__ import annotations

import asyncio
import json
from time import perf_counter

from bench.load import Measured, Size, measure
from bench.systems import MeasuredSystems
from mock_opencrvs.families import Families
from testbed.browser import Browser

ACCEPT = "event.actions.register.accept"


async def clicks(parts: MeasuredSystems, size: Size) -> Measured:
    """From `register.request` until the mock has answered the bridge's acceptance."""
    families = Families(parts.world)
    async with Browser(parts.gateway, parts.world, http=parts.http) as registrar:
        records: list[tuple[str, dict[str, object]]] = []
        for _ in range(size.all):
            declared = await registrar.declare(families.birth(), keep_assignment=True)
            declare = next(a for a in declared.event["actions"] if a["type"] == "DECLARE")
            records.append((declared.id, dict(declare["annotation"] or {})))
        accepted: dict[str, asyncio.Future[float]] = {}
        following = asyncio.create_task(_follow(parts, accepted))

        async def click(number: int) -> None:
            event_id, annotation = records[number]
            accepted[event_id] = asyncio.get_running_loop().create_future()
            await registrar.act("register", event_id, annotation=annotation)
            async with parts.world.clock.timeout(120):
                await accepted[event_id]

        try:
            return await measure(click, size, parts.cpu_seconds)
        finally:
            following.cancel()


async def _follow(parts: MeasuredSystems, accepted: dict[str, asyncio.Future[float]]) -> None:
    """Watch the mock's journal for acceptances, so that nobody has to ask for each record again and again."""
    async for line in parts.http.lines(f"{parts.gateway}/admin/journal/stream"):
        if not line.startswith("data: ") or ACCEPT not in line:
            continue
        exchange = json.loads(line[6:])
        for record in exchange["records"]:
            waiting = accepted.get(record)
            if waiting is not None and not waiting.done() and exchange["status"] == 200:
                waiting.set_result(perf_counter())
