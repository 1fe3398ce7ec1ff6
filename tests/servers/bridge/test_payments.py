"""A second external system on the same action: a fee, asked about before the ID system."""

from __future__ import annotations

import pytest

from bridge.registration import State
from bridge.starting import CannotStart
from tests.servers.bridge.tills import Till, charging, till

__all__ = ["till"]


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


async def test_a_policy_that_charges_needs_a_system_of_payments(till: Till) -> None:
    url = till.stage.settings["payments_url"]
    with pytest.raises(CannotStart, match=r"BRIDGE_PAYMENTS_URL is missing: policy.json"):
        await till.stage.restart(payments_url=None)
    await till.stage.restart(payments_url=url)
