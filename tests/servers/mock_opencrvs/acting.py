"""What tests of confirmations share: a pending registration, and calls that are expected to fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError


@dataclass
class Pending:
    """A record whose REGISTER (or other action) was answered 202, and the token that may confirm it."""

    id: str
    action_id: str
    token: str
    event: EventDocument

    def input(self, **changes: Any) -> dict[str, Any]:
        """An accept that would work."""
        value = {
            "transactionId": f"accept-{self.action_id}",
            "eventId": self.id,
            "actionId": self.action_id,
            "registrationNumber": f"N{self.id[:8]}",
        }
        return {k: v for k, v in {**value, **changes}.items() if v is not None}

    def reject_input(self, **changes: Any) -> dict[str, Any]:
        value = self.input(registrationNumber=None, transactionId=f"reject-{self.action_id}")
        return {**value, **changes}


async def confirming_token(opencrvs: Running, trigger_token: str) -> str:
    """The token that confirms: the trigger's own; in 2.1 that of the integration's client."""
    if opencrvs.settings.profile is not Profile.V2_1:
        return trigger_token
    clients = opencrvs.people.clients.values()
    client = next(one for one in clients if one.name == "National ID integration")
    return await opencrvs.core.tokens.for_client(client)


async def pending_registration(
    opencrvs: Running, registrar: Browser, families: Families, country: CountryServer
) -> Pending:
    record = await registrar.declare(families.birth())
    country.will("REGISTER", 202)
    event = await registrar.register(record.id)
    asked = country.last("REGISTER")
    token = await confirming_token(opencrvs, asked.token)
    return Pending(record.id, asked.action_id, token, event)


async def refused(browser: Browser, path: str, value: Any, *, query: bool = False) -> TRPCError:
    """The error that the call ends in."""
    with pytest.raises(TRPCError) as caught:
        await (browser.query(path, value) if query else browser.mutate(path, value))
    return caught.value


def told(error: TRPCError) -> tuple[int, str]:
    return error.http_status, error.message
