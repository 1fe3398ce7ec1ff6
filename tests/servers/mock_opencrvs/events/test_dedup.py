"""Who looks like whom: duplicates among births."""

from __future__ import annotations

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.state import status


@pytest.mark.requirement("OCRVS-STA-09")
async def test_the_birth_of_a_second_child_by_one_mother_looks_like_a_duplicate(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    first = families.birth()
    one = await registrar.declare(first)
    two = await registrar.declare(families.birth(same_mother=first))
    detected = [a for a in two.event["actions"] if a["type"] == "DUPLICATE_DETECTED"]
    assert detected[0].get("content") == {"duplicates": [{"id": one.id, "trackingId": one.tracking_id}]}
    await registrar.assign(two.id)
    found = await registrar.query("event.getDuplicates", {"eventId": two.id})
    assert [event["id"] for event in found] == [one.id]
    again = await registrar.act("register", two.id)
    assert [a["type"] for a in again["actions"][-2:]] == ["DUPLICATE_DETECTED", "UNASSIGN"]
    assert "REGISTER" not in [a.action for a in country.asked], "the country is not asked about a look-alike"
    await registrar.assign(two.id)
    available, _ = opencrvs.core.available(await registrar.get(two.id))
    assert "REGISTER" not in available
    assert "MARK_AS_DUPLICATE" in available
    value = {"eventId": two.id, "transactionId": "clear", "keepAssignment": True}
    await registrar.mutate("event.actions.duplicate.markNotDuplicate", value)
    assert status(await registrar.register(two.id)) == "REGISTERED"
    assert [a.action for a in country.asked].count("REGISTER") == 1


async def test_two_hundred_families_are_nobodys_duplicate(registrar: Browser, families: Families) -> None:
    for _ in range(200):
        record = await registrar.declare(families.birth())
        assert not any(a["type"] == "DUPLICATE_DETECTED" for a in record.event["actions"])
