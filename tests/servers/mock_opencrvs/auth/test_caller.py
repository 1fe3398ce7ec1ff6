"""What a system client may not do, whatever its scopes."""

from __future__ import annotations

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.profiles import new_profiles
from wire.opencrvs.profiles import Profile


@pytest.mark.parametrize("profile", [Profile.V1_9])
async def test_in_1_9_a_system_client_may_not_read(
    enter: Enter, opencrvs: Running, registrar: Browser
) -> None:
    client = next(iter(opencrvs.people.clients.values()))
    system = enter(token=await opencrvs.core.tokens.for_client(client))
    event = await registrar.create("birth")
    assert told(await refused(system, "event.get", event["id"], query=True)) == (403, "FORBIDDEN")


@new_profiles
@pytest.mark.requirement("OCRVS-STA-10")
async def test_a_system_client_may_not_register_even_with_the_scope(
    enter: Enter, opencrvs: Running, families: Families, registrar: Browser
) -> None:
    from dataclasses import replace

    record = await registrar.declare(families.birth())
    client = replace(
        next(iter(opencrvs.people.clients.values())), scopes=("type=record.register", "type=record.declare")
    )
    system = enter(token=await opencrvs.core.tokens.for_client(client))
    for path in ("register", "declare"):
        value = {"eventId": record.id, "transactionId": "s"}
        error = await refused(system, f"event.actions.{path}.request", value)
        assert told(error) == (403, "FORBIDDEN")
