"""The number and the packet of an action; what the ID system would refuse is told before it is recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pytest

from bridge.country.business import Business
from bridge.flow.packets import Packets
from bridge.opencrvs.authority import NotAcceptable
from bridge.registration import Amendment
from bridge.settings import Settings
from bridge.store.numbers import Numbers
from tests.known import vectors
from tests.unit.wire_opencrvs.records import act, record
from wire.world import World

BIRTH: Mapping[str, Any] = vectors("declarations")["birth"]["declaration"]
EVENT = record(act("DECLARE", 1, declaration=dict(BIRTH)), act("REGISTER?", 2))


class Counters:
    """The series of the store, which count."""

    def __init__(self) -> None:
        self.counted = list[tuple[Any, ...]]()

    async def count(self, event_id: str, action_id: str, series: Any) -> str:
        self.counted.append((event_id, action_id))
        return "000042"


def packets(numbers: Counters | None = None, **settings: Any) -> Packets:
    return Packets(Settings(**settings), World.virtual(), cast(Numbers, numbers or Counters()))


@pytest.mark.parametrize(
    ("kind", "action", "given", "number"),
    [
        ("birth", "REGISTER", None, "2026BK7QX2M"),
        ("birth", "REGISTER", "2026C7", "2026C7"),
        (None, "REGISTER", None, "2026BK7QX2M"),
        (None, "VALIDATE", "2026C7", ""),
        ("update", "APPROVE_CORRECTION", "2026C7", "2026BK7QX2M"),  # of no correction the country gives one
    ],
)
async def test_a_number_is_the_countrys_or_ours_or_none(
    kind: str | None, action: str, given: str | None, number: str
) -> None:
    business = Business(kind, action, "action-2", BIRTH)
    assert await packets().number(EVENT, business, Amendment(given)) == number


async def test_a_registered_record_keeps_its_number() -> None:
    event = record(
        act("DECLARE", 1),
        act("REGISTER?", 2),
        act("REGISTER", 3, originalActionId="action-2", registrationNumber="2025BOLD"),
        act("APPROVE_CORRECTION?", 4),
    )
    business = Business("update", "APPROVE_CORRECTION", "action-4", BIRTH)
    assert await packets().number(event, business, Amendment("2026C7")) == "2025BOLD"


async def test_a_counted_number_is_the_actions() -> None:
    store = Counters()
    made = packets(store, BRIDGE_REGISTRATION_NUMBER="{year}{sequence:06}")
    assert await made.own_number(EVENT, "action-2") == "000042"
    assert store.counted == [(EVENT["id"], "action-2")]


def test_a_packet_has_the_countrys_fields_and_the_number() -> None:
    made = packets().packet(Business("birth", "REGISTER", "a", BIRTH), "2026B1")
    assert made is not None and made.fields["birthCertificateNumber"] == "2026B1"
    assert json.loads(made.fields["fullName"])[0]["language"] == "eng"
    assert packets().packet(Business(None, "VALIDATE", "a", BIRTH), "") is None


@pytest.mark.parametrize(
    ("kind", "change", "status"),
    [
        ("birth", {"child.name": {"firstname": "A", "surname": ""}}, 400),
        ("birth", {"child.dob": "2026-W08-5"}, 400),
        ("marriage", {}, 422),
    ],
)
def test_what_the_id_system_would_refuse_is_told_at_once(
    kind: str, change: dict[str, Any], status: int
) -> None:
    with pytest.raises(NotAcceptable) as refused:
        packets().packet(Business(kind, "REGISTER", "a", {**BIRTH, **change}), "2026B1")
    assert refused.value.status == status


def test_what_an_action_is_goes_by_the_countrys_policy_and_day() -> None:
    found = packets().business(EVENT, "REGISTER", "action-2")
    assert isinstance(found, Business) and (found.kind, found.declaration) == ("birth", BIRTH)
    later = packets().business(EVENT, "REGISTER", "action-2", date(2037, 1, 1))
    assert later == "the child is 10 years or older"
