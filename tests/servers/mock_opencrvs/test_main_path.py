"""The main path over real sockets: declare, register, wait, be confirmed (contract opencrvs §0.1)."""

from __future__ import annotations

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import assigned_to, status
from wire.opencrvs.tokens import peek

EVERY = list(Profile)
WITH_RECORD_TOKEN = [Profile.V1_9, Profile.V2_0]


@pytest.mark.parametrize("profile", EVERY)
@pytest.mark.requirement("OCRVS-ANS-01")
async def test_a_200_registers_at_once(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth())
    country.will(
        "REGISTER", 200, {"registrationNumber": "B2026KX41009", "declaration": {"child.nid": "6041872935"}}
    )

    event = await registrar.register(record.id)

    assert status(event) == "REGISTERED"
    requested, accepted, unassign = event["actions"][-3:]
    assert (requested["type"], requested["status"]) == ("REGISTER", "Requested")
    assert accepted["originalActionId"] == requested["id"]
    assert accepted["registrationNumber"] == "B2026KX41009"
    assert accepted["transactionId"] == requested["transactionId"] == unassign["transactionId"]
    assert assigned_to(event) is None
    row = await registrar.row(record.id)
    assert row is not None
    assert row["legalStatuses"]["REGISTERED"]["registrationNumber"] == "B2026KX41009"
    assert row["declaration"]["child.nid"] == "6041872935"


@pytest.mark.parametrize("profile", WITH_RECORD_TOKEN)
@pytest.mark.requirement("OCRVS-ANS-02", "OCRVS-QUE-01")
async def test_a_202_waits_in_external_validation_until_accepted(
    registrar: Browser, enter: Enter, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", 202)
    event = await registrar.register(record.id)
    assert event["actions"][-1]["status"] == "Requested"
    await registrar.until_in_queue(record.id, "in-external-validation")

    asked = country.last("REGISTER")
    assert asked.path == "/trigger/events/birth/actions/REGISTER"
    mediator = enter(token=asked.token)
    accepted = await mediator.mutate(
        "event.actions.register.accept",
        {
            "transactionId": "mosip-interop-1",
            "eventId": record.id,
            "actionId": asked.action_id,
            "registrationNumber": "B2026KX41009",
            "declaration": {"child.nid": "6041872935"},
        },
    )

    assert status(accepted) == "REGISTERED"
    assert accepted["actions"][-2]["createdBy"] == registrar.user_id
    assert not await registrar.in_queue(record.id, "in-external-validation")


@pytest.mark.parametrize("profile", [Profile.V2_1])
@pytest.mark.requirement("OCRVS-ACC-10")
async def test_in_2_1_a_system_client_confirms(
    registrar: Browser, enter: Enter, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", 202)
    event = await registrar.register(record.id)
    assert assigned_to(event) is None
    asked = country.last("REGISTER")
    assert "eventId" not in peek(asked.token)

    client = next(c for c in opencrvs.people.clients.values() if c.name == "National ID integration")
    mediator = enter(token=await opencrvs.core.tokens.for_client(client))
    accepted = await mediator.mutate(
        "event.actions.register.accept",
        {
            "transactionId": "t-1",
            "eventId": record.id,
            "actionId": asked.action_id,
            "registrationNumber": "B2026KX41009",
        },
    )
    assert status(accepted) == "REGISTERED"
    assert accepted["actions"][-1]["createdByUserType"] == "system"


@pytest.mark.parametrize("profile", EVERY)
@pytest.mark.requirement("OCRVS-ANS-03")
async def test_a_400_leaves_the_flag_and_no_reason(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.death())
    country.will("REGISTER", 400, {"reason": "unknown mother"})
    event = await registrar.register(record.id)
    rejected = event["actions"][-2]
    assert rejected["status"] == "Rejected"
    assert "content" not in rejected
    row = await registrar.row(record.id)
    assert row is not None
    assert "register:rejected" in row["flags"]
