"""What stands before an answer is asked while OpenCRVS waits, where a later no could not be told."""

from __future__ import annotations

import pytest

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH
from tests.servers.bridge.offices import (
    MOTHER,
    UNKNOWN,
    Office,
    asks_later,
    at_once_rule,
    office,
)
from tests.servers.bridge.stubs import VID
from tests.servers.bridge.tills import Till, charging, till

__all__ = ["office", "till"]


@pytest.mark.parametrize("kind", ["CUSTOM.CHECK", "CUSTOM"])
async def test_a_custom_action_is_rejected_at_once_for_later_is_impossible(office: Office, kind: str) -> None:
    rules = {kind: at_once_rule("reject"), "REGISTER": {"identity": True}}
    await office.policy(**rules, settings={"mode": "async"})
    told = {"mother.verified": "verified", "father.verified": "verified"}
    assert (await office.asks("CUSTOM", customActionType="CHECK"))[:2] == (200, {"declaration": told})
    office.people.faults_of[MOTHER] = UNKNOWN
    status, body, event = await office.asks("CUSTOM", customActionType="CHECK")
    assert status == 400 and "does not know" in body["reason"]
    assert (await office.of(event)).untold
    if kind == "CUSTOM.CHECK":
        assert (await office.asks("CUSTOM", customActionType="OTHER"))[:2] == (200, {})


@pytest.mark.parametrize("action", ["CUSTOM", "APPROVE_CORRECTION"])
@pytest.mark.parametrize("away", ["down", "never answers"])
async def test_nobody_waits_for_a_no_that_could_not_be_told(office: Office, action: str, away: str) -> None:
    """Seen at core 2.0.0: a rejection after the 202 is a 500, and the record stays locked."""
    await office.policy(**{action: at_once_rule("reject")}, REGISTER={"identity": True})
    office.people.down = True
    before = office.stage.world.clock.now()
    status, body, event = await office.asks(action)
    assert status == 400 and "could not be asked" in body["reason"]
    assert (office.stage.world.clock.now() - before).total_seconds() <= 9
    found = await office.of(event)
    assert (found.state, found.reason, found.untold) == (State.REJECTED, "VERIFICATION_UNAVAILABLE", True)
    assert not office.stage.opencrvs.rejected(event), "OpenCRVS has its answer"
    await office.policy(**{action: at_once_rule("accept")}, REGISTER={"identity": True})
    told = {"mother.verified": "pending", "father.verified": "pending"}
    assert (await office.asks(action))[:2] == (200, {"declaration": told})


async def test_a_correction_that_changes_an_identity_is_refused_before_its_packet(office: Office) -> None:
    rule = at_once_rule("reject", identity=True)
    await office.policy(REGISTER={"identity": True}, APPROVE_CORRECTION=rule, settings={"mode": "async"})
    office.people.faults_of[MOTHER] = UNKNOWN
    declared = BIRTH | {"child.nid": VID}
    for status in (400, 202):
        event = office.stage.opencrvs.record("birth", declared)
        assert (await asks_later(office, event, "APPROVE_CORRECTION"))[0] == status
        found = await office.of(event)
        assert found.state is (State.REJECTED if status == 400 else State.SUBMITTED)
        office.people.faults_of.clear()
    assert len(office.stage.mosip.packets) == 1


async def test_who_rejects_late_with_words_still_does_where_nobody_waits(office: Office) -> None:
    """`unanswered` at an action that OpenCRVS can reject later: the words reach the registrar."""
    await office.policy(VALIDATE=at_once_rule("reject"), REGISTER={"identity": True})
    office.people.down = True
    status, _, event = await office.asks("VALIDATE")
    assert status == 202 and (await office.of(event)).state is State.REJECTED
    assert "could not be asked" in event["actions"][-1]["content"]["reason"]


@pytest.mark.parametrize(
    ("otherwise", "unanswered", "status", "code"),
    [
        ("paid", "reject", 200, None),
        ("refused", "reject", 400, "PAYMENT_REFUSED"),
        ("refused", "accept", 400, "PAYMENT_REFUSED"),
        ("pending", "reject", 400, "PAYMENT_PENDING"),
        ("pending", "accept", 200, None),
        ("down", "reject", 400, "PAYMENT_PENDING"),
        ("down", "accept", 200, None),
    ],
)
async def test_a_custom_action_is_paid_for_at_once(
    till: Till, otherwise: str, unanswered: str, status: int, code: str | None
) -> None:
    """Its no could not be told later: core 2.0.0 answers 500, and the record stays locked."""
    till.book.down, till.book.otherwise = otherwise == "down", otherwise
    own = charging(till.folder, "person", "CUSTOM.COPY", unanswered=unanswered)
    await till.stage.restart(country_folder=own, mode="async")
    event = till.stage.opencrvs.record("birth", BIRTH, asked="CUSTOM", customActionType="COPY")
    assert (await till.stage.trigger(event, action="CUSTOM"))[0] == status
    await till.stage.world.clock.settle()
    [found] = await till.stage.running.store.lookups.of_event(event["id"])
    assert (found.state, found.reason) == (State.REJECTED if code else State.CONFIRMED, code)
    assert not till.stage.opencrvs.rejected(event) and not till.stage.mosip.packets
