"""Records are made, read and deleted."""

from __future__ import annotations

import pytest

from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.profiles import every_profile
from wire.world import World


@every_profile
@pytest.mark.requirement("OCRVS-STA-02")
async def test_create_is_idempotent_on_transaction_and_type(registrar: Browser) -> None:
    birth = {"type": "birth", "transactionId": "same"}
    one, again = [await registrar.mutate("event.create", birth) for _ in range(2)]
    other = await registrar.mutate("event.create", {"type": "death", "transactionId": "same"})
    assert one == again
    assert other["id"] != one["id"]
    assert [a["type"] for a in one["actions"]] == ["CREATE", "ASSIGN"]
    assert await registrar.row(one["id"]) is None, "what is only CREATED is not in search"


@every_profile
@pytest.mark.requirement("OCRVS-STA-03")
async def test_get_writes_a_read_that_does_not_move_updated_at(
    registrar: Browser, families: Families, world: World
) -> None:
    record = await registrar.declare(families.birth())
    before = await registrar.row(record.id)
    await world.clock.advance(60)
    event = await registrar.get(record.id)
    assert event["actions"][-1]["type"] == "READ"
    after = await registrar.row(record.id)
    assert before is not None
    assert after is not None
    assert after["updatedAt"] == before["updatedAt"]


@every_profile
async def test_only_what_is_created_can_be_deleted(registrar: Browser, families: Families) -> None:
    event = await registrar.create("birth")
    assert await registrar.mutate("event.delete", {"eventId": event["id"]}) == {"id": event["id"]}
    gone = await refused(registrar, "event.delete", {"eventId": event["id"]})
    assert told(gone) == (404, f"Event not found with ID: {event['id']}")
    record = await registrar.declare(families.birth(), keep_assignment=True)
    error = await refused(registrar, "event.delete", {"eventId": record.id})
    assert error.http_status == 409
    assert error.message.startswith("Action 'DELETE' cannot be performed on an event in 'DECLARED' state")
