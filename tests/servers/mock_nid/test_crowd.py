"""Many registrations at once, restarts, and the same run twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.servers.mock_nid.actors import Stage, close_stage, open_stage
from tests.sizes import size
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, sealing

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"


MANY = size(250, 1000)


async def test_many_registrations_lose_and_mix_nothing(stage: Open, keys: Path) -> None:
    s = await stage(processing_seconds=600)
    await s.listen(CREDENTIALS)
    chance = s.world.with_seed("crowd").chance
    lost = set()
    for start in range(0, MANY, 50):
        batch = []
        for number in range(start, start + 50):
            id = f"2000{number:06d}00000"
            plan: dict[str, Any] = {
                "after": chance.integer(1, 86400),
                "copies": chance.choice([1, 1, 1, 2, 3]),
                "gap": chance.choice([0, 30, 3600]),
                "hold": chance.choice([0, 0, 900]),
                "lost": chance.random() < 0.02,
            }
            if plan["lost"]:
                lost.add(id)
            s.running.plans.set_for(id, plan)
            batch.append(s.client.submit(id, birthCertificateNumber=f"2026B{number:07d}"))
        await asyncio.gather(*batch)
    await s.advance(3 * 86400)
    partner = KeyFolder(keys)["partner"]
    vids: dict[str, set[str]] = {}
    numbers: dict[str, str] = {}
    for delivery in s.subscriber.deliveries:
        sealed = delivery.body["event"]["data"]["credential"]
        held = credentials.read(
            credentials.decode(sealing.unseal(sealed, partner.private_key, partner.certificate))
        )
        vids.setdefault(held.registration_id, set()).add(held.attribute("VID") or "")
        numbers[held.registration_id] = held.attribute("birthCertificateNumber") or ""
    assert set(vids) == {one.id for one in s.running.registrations} - lost
    assert lost and len(vids) + len(lost) == MANY
    assert all(len(found) == 1 for found in vids.values())
    assert max(Counter(next(iter(found)) for found in vids.values()).values()) == 1
    assert all(number == f"2026B0{id[4:10]}" for id, number in numbers.items())


async def test_a_restart_goes_on_where_it_was(keys: Path, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    first = await open_stage(keys, state_file=file, processing_seconds=100)
    await first.listen(CREDENTIALS)
    await first.client.submit("100010000000001")
    await first.client.submit("100010000000002")
    await first.advance(50)
    await first.client.create("100010000000003")
    uin = first.running.numbers.uin()
    await first.client.session.close()
    await first.running.close()

    second = await open_stage(keys, state_file=file, processing_seconds=100, world=first.world)
    try:
        assert {one.id[-1] for one in second.running.registrations} == {"1", "2"}
        assert uin in second.running.people.reserved
        assert "100010000000003" in second.running.registrations.packets
        await second.advance(100)
        assert {one.status.value for one in second.running.registrations} == {"PROCESSED"}
        ids = {one.body["event"]["data"]["registrationId"] for one in first.subscriber.deliveries}
        assert ids == {"100010000000001", "100010000000002"}
    finally:
        await close_stage(second)
        await first.subscriber.close()


async def test_the_same_seed_gives_the_same_numbers(keys: Path) -> None:
    async def numbers() -> list[tuple[str | None, str | None]]:
        s = await open_stage(keys)
        for number in range(5):
            await s.client.submit(f"10001000000000{number}")
        await s.advance(60)
        given = [(one.uin, one.vid) for one in s.running.registrations]
        await close_stage(s)
        return given

    assert await numbers() == await numbers()


async def test_reset_forgets_packets_and_keeps_subscriptions(stage: Open) -> None:
    s = await stage()
    await s.listen(CREDENTIALS)
    await s.client.submit("100010000000001")
    await s.advance(60)
    s.running.plans.enqueue("fail")
    assert (await s.client.call("POST", "/admin/reset"))[1] == {"reset": True}
    assert not list(s.running.registrations) and not s.running.plans.queue
    assert len(s.running.subscriptions.subscriptions) == 1
    await s.client.submit("100010000000001")
    await s.advance(60)
    assert len(s.subscriber.deliveries) == 2
