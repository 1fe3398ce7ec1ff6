"""A second external system on the same action: a fee, asked about before the ID system."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.advice import Stuck
from bridge.country.folder import FARAJALAND
from bridge.registration import State, Task
from bridge.starting import CannotStart
from testbed.payments import PaymentBook, start
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from wire.keyfolder import KeyFolder


def charging(at: Path, then: str, action: str = "REGISTER", *, after_hours: int = 100, **rule: Any) -> Path:
    own = Path(shutil.copytree(FARAJALAND, at / f"country-{len(list(at.glob('country-*')))}"))
    rules = json.loads((own / "policy.json").read_text())
    rules["events"]["birth"].setdefault(action, {}).update({"payment": "$trackingId"} | rule)
    rules["without_payment"] = {"after_hours": after_hours, "then": then}
    (own / "policy.json").write_text(json.dumps(rules))
    return own


class Till:
    def __init__(self, stage: Stage, book: PaymentBook, folder: Path) -> None:
        self.stage, self.book, self.folder = stage, book, folder

    async def registers(self, **changes: Any) -> Any:
        event = self.stage.opencrvs.record("birth", BIRTH | changes)
        assert await self.stage.trigger(event) == (202, {})
        await self.stage.world.clock.settle()
        return event


@pytest.fixture
async def till(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Till]:
    from wire.world import World

    book = PaymentBook(World.virtual(seed=5))
    listening = await start(book)
    own = charging(tmp_path, "reject")
    stage = await set_up(tmp_path, keys, country_folder=own, payments_url=listening.url, mode="sync")
    yield Till(stage, book, tmp_path)
    await stage.close()
    await listening.close()


async def test_who_has_paid_goes_on_at_once(till: Till) -> None:
    till.book.otherwise = "paid"
    event = await till.registers()
    assert (await till.stage.of(event)).state is State.SUBMITTED and till.book.asked == 1


@pytest.mark.parametrize(
    ("otherwise", "code", "words"),
    [
        ("refused", "PAYMENT_REFUSED", "was refused"),
        ("expired", "PAYMENT_EXPIRED", "has expired"),
        (None, "PAYMENT_UNKNOWN", "Nobody knows the reference"),
    ],
)
async def test_a_no_is_told_in_words_and_costs_no_packet(
    till: Till, otherwise: str | None, code: str, words: str
) -> None:
    till.book.otherwise = otherwise
    event = await till.registers()
    found = await till.stage.of(event)
    assert (found.state, found.reason) == (State.REJECTED, code) and not till.stage.mosip.packets
    assert words in event["actions"][-1]["content"]["reason"]


async def test_a_payment_counts_for_one_record(till: Till) -> None:
    till.book.otherwise = "paid"
    await till.stage.restart(country_folder=charging(till.folder, "reject", payment="child.reason"))
    await till.registers(**{"child.reason": "R-1"})
    second = await till.registers(**{"child.reason": "R-1"})
    assert (await till.stage.of(second)).reason == "PAYMENT_USED"
    third = await till.registers()
    assert (await till.stage.of(third)).reason == "PAYMENT_MISSING"


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


async def test_a_policy_that_charges_needs_a_system_of_payments(till: Till) -> None:
    url = till.stage.settings["payments_url"]
    with pytest.raises(CannotStart, match=r"BRIDGE_PAYMENTS_URL is missing: policy.json"):
        await till.stage.restart(payments_url=None)
    await till.stage.restart(payments_url=url)
