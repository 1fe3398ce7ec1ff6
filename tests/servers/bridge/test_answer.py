"""What MOSIP truly sends for one packet, in every order and doubled, all at once: taken once, no 500."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from bridge.registration import State
from tests.servers.bridge.conftest import Stage, set_up
from tests.sizes import size
from wire.keyfolder import KeyFolder

ORDERS = sorted(set(permutations(("processed", "processed", "credential", "credential", "another"))))
"""PROCESSED and the credential twice each, and the same credential as another event of the hub."""


async def all_orders(stage: Stage, event_type: str, orders: Sequence[Sequence[str]]) -> None:
    for order in orders:
        event = await stage.submitted(event_type)
        packet = (await stage.of(event)).packet_id
        sealed = stage.mosip.credential(packet, VID="4703420631835716")
        bodies = {
            "processed": stage.mosip.ended(packet, "PROCESSED", (await stage.of(event)).process),
            "credential": stage.mosip.event(packet, sealed, id=f"first-{packet}"),
            "another": stage.mosip.event(packet, sealed, id=f"second-{packet}"),
        }
        sent = (stage.mosip.deliver(stage.callback, bodies[one]) for one in order)
        assert await asyncio.gather(*sent) == [200] * len(order), order
        await stage.world.clock.advance(60)
        assert (await stage.of(event)).state is State.CONFIRMED, order
        assert len(stage.opencrvs.accepted(event)) == 1, order


@pytest.mark.parametrize("event_type", ["birth", "death"])
async def test_every_order_is_taken_once(stage: Stage, event_type: str) -> None:
    await all_orders(stage, event_type, ORDERS)


@pytest.mark.parametrize("event_type", ["birth", "death"])
async def test_some_of_the_orders_are_taken_once_on_postgresql(
    event_type: str, postgres: Any, tmp_path: Path, keys: KeyFolder
) -> None:
    url = postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    stage = await set_up(tmp_path, keys, database_url=url)
    await all_orders(stage, event_type, ORDERS[:: size(10, 3)])
    await stage.close()
