"""What stands before an action is waited for as long as the policy is patient; then the policy decides."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.advice import Stuck
from bridge.flow.operations import NotPossible
from bridge.registration import State, Task
from tests.servers.bridge.offices import (
    FATHER,
    MOTHER,
    NEEDS,
    Office,
    office,
)
from wire.mosip.envelope import EnvelopeFault

__all__ = ["office"]


@pytest.mark.parametrize("action", ["VALIDATE", "DECLARE"])
async def test_an_action_waits_while_id_authentication_is_away(office: Office, action: str) -> None:
    """Parked durably: through a crash, verdicts that were obtained are kept, and nobody is asked twice."""
    await office.policy(**{action: {"verify": NEEDS}}, REGISTER={"identity": True})
    office.people.faults_of[FATHER] = [EnvelopeFault("IDA-MLC-007", "Request could not be processed")]
    status, body, event = await office.asks(action)
    assert (status, body) == (202, {})
    waiting = await office.of(event)
    assert (waiting.state, waiting.task) == (State.QUEUED, Task.VERIFY)
    office.people.down = True
    await office.stage.restart()
    await office.stage.world.clock.advance(20 * 3600)
    office.people.down = False
    office.people.faults_of.clear()
    await office.stage.world.clock.advance(3600)
    [accepted] = office.stage.opencrvs.accepted(event, action)[-1:]
    assert accepted["declaration"] == {"mother.verified": "verified", "father.verified": "verified"}
    assert office.asked().count(MOTHER) == 1
    assert (await office.of(event)).state is State.CONFIRMED


@pytest.mark.parametrize(
    ("then", "state", "field"),
    [("person", State.STUCK, None), ("reject", State.REJECTED, None), ("accept", State.CONFIRMED, "pending")],
)
async def test_the_last_decision_is_the_policys(
    office: Office, then: str, state: State, field: str | None
) -> None:
    rules: dict[str, Any] = {"VALIDATE": {"verify": NEEDS}, "REGISTER": {"identity": True}}
    await office.policy(**rules, then=then, hours=12, settings={"give_up_seconds": 3600 * 4.0})
    office.people.faults_of[FATHER] = [EnvelopeFault("IDA-MLC-007", "later")]
    _, _, event = await office.asks("VALIDATE")
    await office.stage.world.clock.advance(11 * 3600)
    assert (await office.of(event)).state is State.QUEUED, "longer than other work is patient"
    await office.stage.world.clock.advance(2 * 3600)
    found = await office.of(event)
    assert found.state is state
    if then == "accept":
        [accepted] = office.stage.opencrvs.accepted(event, "VALIDATE")
        assert accepted["declaration"] == {"mother.verified": "verified", "father.verified": "pending"}
    elif then == "reject":
        assert "could not be asked" in event["actions"][-1]["content"]["reason"]
    else:
        assert found.reason == Stuck.NOT_VERIFIED
        office.people.faults_of.clear()
        await office.stage.running.way.operations.retry(found)
        await office.stage.world.clock.settle()
        assert (await office.of(event)).state is State.CONFIRMED


@pytest.mark.parametrize("then", ["person", "accept"])
async def test_a_policy_that_is_changed_while_a_record_waits(office: Office, then: str) -> None:
    office.people.faults_of[MOTHER] = [EnvelopeFault("IDA-MLC-007", "Request could not be processed")]
    assert (await office.asks("VALIDATE"))[0] == 202
    [event] = office.stage.opencrvs.events.values()
    await office.policy(REGISTER={"identity": True}, then=then, hours=1)
    await office.stage.world.clock.advance(2 * 3600)
    assert (await office.of(event)).state is State.CONFIRMED
    assert office.stage.opencrvs.accepted(event, "VALIDATE")


async def test_a_fault_of_ours_is_no_verdict_and_ends_by_the_policy(office: Office) -> None:
    """A licence that has run out concerns everybody alike."""
    await office.policy(VALIDATE={"verify": NEEDS}, REGISTER={"identity": True}, then="reject", hours=24)
    office.people.faults = [EnvelopeFault("IDA-MPA-007", "License key does not belong to a registered MISP")]
    office.people.verdict = {"authStatus": False}
    _, _, event = await office.asks("VALIDATE")
    waiting = await office.of(event)
    assert waiting.held == "IDA-MPA-007"
    await office.stage.world.clock.advance(25 * 3600)
    assert (await office.of(event)).state is State.REJECTED


async def test_whose_no_rejects_nothing_does_not_by_silence(office: Office) -> None:
    rules = {"CUSTOM": {"verify": {"mother": "may"}}, "REGISTER": {"identity": True}}
    await office.policy(**rules, then="reject", hours=1)
    office.people.down = True
    status, _, event = await office.asks("CUSTOM", customActionType="CHECK")
    await office.stage.world.clock.advance(2 * 3600)
    [accepted] = office.stage.opencrvs.accepted(event, "CUSTOM")
    assert status == 202 and accepted["declaration"] == {"mother.verified": "pending"}


async def test_an_operator_does_not_lock_a_record(office: Office) -> None:
    await office.policy(CUSTOM={"verify": {"mother": "may"}}, REGISTER={"identity": True}, hours=1)
    office.people.down = True
    status, _, event = await office.asks("CUSTOM", customActionType="CHECK")
    await office.stage.world.clock.advance(2 * 3600)
    found = await office.of(event)
    assert status == 202 and found.reason == Stuck.NOT_VERIFIED
    with pytest.raises(NotPossible, match=r"2\.0 takes no rejection of CUSTOM after a 202.*retry"):
        await office.stage.running.way.operations.reject(found, "no")
    office.people.down = False
    await office.stage.running.way.operations.retry(await office.of(event))
    await office.stage.world.clock.settle()
    assert (await office.of(event)).state is State.CONFIRMED
