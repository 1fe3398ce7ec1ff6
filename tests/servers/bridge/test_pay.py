"""A fee before an action: waited for, over a crash too, until patience ends or it is asked for no more."""

from __future__ import annotations

import pytest

from bridge.advice import Stuck
from bridge.country.folder import FARAJALAND
from bridge.registration import State, Task
from tests.servers.bridge.tills import Till, charging, till

__all__ = ["till"]


async def test_the_print_of_a_registered_record_is_paid_for(till: Till) -> None:
    """A record with an identity is charged too, and no second identity is made."""
    till.book.otherwise = "refused"
    await till.stage.restart(
        country_folder=charging(till.folder, "reject", "PRINT_CERTIFICATE"), mode="async"
    )
    event = await till.registers()
    assert till.book.asked == 0 and len(till.stage.mosip.packets) == 1
    till.stage.opencrvs._append(event, "PRINT_CERTIFICATE", "Requested", {"transactionId": "print"})
    status, _ = await till.stage.trigger(event, action="PRINT_CERTIFICATE")
    await till.stage.world.clock.settle()
    assert status == 202 and till.book.asked == 1 and len(till.stage.mosip.packets) == 1
    of_record = await till.stage.running.store.lookups.of_event(event["id"])
    assert [one.reason for one in of_record if one.action_type == "PRINT_CERTIFICATE"] == ["PAYMENT_REFUSED"]


async def test_a_pending_payment_is_waited_for_over_a_crash(till: Till) -> None:
    till.book.otherwise = "pending"
    event = await till.registers()
    waiting = await till.stage.of(event)
    assert (waiting.state, waiting.task) == (State.QUEUED, Task.PAY)
    till.book.down = True
    await till.stage.restart()
    await till.stage.world.clock.advance(48 * 3600)
    till.book.down, till.book.otherwise = False, "paid"
    await till.stage.world.clock.advance(3600)
    assert (await till.stage.of(event)).state is State.SUBMITTED


@pytest.mark.parametrize(
    ("then", "state"), [("reject", State.REJECTED), ("person", State.STUCK), ("accept", State.SUBMITTED)]
)
async def test_patience_ends_as_the_policy_says(till: Till, then: str, state: State) -> None:
    own = charging(till.folder, then, after_hours=12)
    await till.stage.restart(country_folder=own, give_up_seconds=3600 * 4.0)
    till.book.otherwise = "pending"
    event = await till.registers()
    await till.stage.world.clock.advance(11 * 3600)
    assert (await till.stage.of(event)).state is State.QUEUED
    await till.stage.world.clock.advance(2 * 3600)
    found = await till.stage.of(event)
    assert found.state is state
    if then == "person":
        assert found.reason == Stuck.NOT_PAID
        till.book.otherwise = "paid"
        await till.stage.running.way.operations.retry(found)
        await till.stage.world.clock.settle()
        assert (await till.stage.of(event)).state is State.SUBMITTED
    elif then == "reject":
        assert "not paid in time" in event["actions"][-1]["content"]["reason"]


async def test_a_fee_that_is_abolished_while_a_record_waits_is_asked_for_no_more(till: Till) -> None:
    till.book.otherwise = "pending"
    event = await till.registers()
    await till.stage.restart(country_folder=FARAJALAND)
    await till.stage.world.clock.advance(3600)
    assert (await till.stage.of(event)).state is State.SUBMITTED
