"""Who holds a record."""

from __future__ import annotations

import pytest

from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.profiles import every_profile
from wire.opencrvs.state import assigned_to


@every_profile
@pytest.mark.requirement("OCRVS-STA-04")
async def test_assign_stores_the_caller_and_refuses_what_another_holds(
    registrar: Browser, families: Families, enter: Enter
) -> None:
    record = await registrar.declare(families.birth())
    agent = enter("f.katongo")
    await agent.log_in()
    await registrar.log_in()
    value = {"eventId": record.id, "transactionId": "a", "type": "ASSIGN", "assignedTo": agent.user_id}
    event = await registrar.mutate("event.actions.assignment.assign", value)
    assert assigned_to(event) == registrar.user_id, "whatever was sent"
    taken = await refused(
        agent, "event.actions.assignment.assign", {**value, "transactionId": "b", "assignedTo": agent.user_id}
    )
    assert told(taken) == (409, "CONFLICT")
    give_back = {"eventId": record.id, "transactionId": "u"}
    assert told(await refused(agent, "event.actions.assignment.unassign", give_back)) == (403, "FORBIDDEN")
    event = await registrar.mutate("event.actions.assignment.unassign", give_back)
    assert assigned_to(event) is None
    again = await registrar.mutate("event.actions.assignment.unassign", {**give_back, "transactionId": "v"})
    assert again["actions"] == event["actions"]
