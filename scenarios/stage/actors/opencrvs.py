"""OpenCRVS as a story directs it: broken on purpose, deployed anew, upgraded; and what is clicked in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scenarios.stage.actors.breakable import Breakable
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.credentials import SYSTEM_CLIENT
from scenarios.stage.servers import Servers
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor
from wire.world import World

_CLIENT = str(SYSTEM_CLIENT["client_id"])


class OpenCrvsActor(Breakable):
    """When it goes down, its calls to the country's server still go out."""

    def __init__(self, timeline: Timeline, servers: Servers) -> None:
        super().__init__(timeline, Actor.OPENCRVS, servers.opencrvs.faults, frozenset({"trigger"}))
        self._servers = servers

    async def upgrades(self, profile: str) -> None:
        """Become another version and keep the records; the bridge is down meanwhile, and to be told."""
        self._timeline.says(Actor.OPENCRVS, f"is upgraded to {profile}")
        await self._servers.stop_bridge()
        await self._servers.upgrade_opencrvs(profile)

    def refreshes_secret(self, secret: str) -> None:
        """Somebody clicks “refresh secret” at the bridge's integration."""
        self._timeline.says(Actor.OPENCRVS, "has a new secret for the bridge's integration")
        clients = self._servers.opencrvs.people.clients
        clients[_CLIENT] = replace(clients[_CLIENT], secret=secret)

    def has_no_client(self) -> None:
        """As it was installed: nobody has made the bridge's system client yet."""
        self._timeline.says(Actor.OPENCRVS, "has no client for the bridge")
        del self._servers.opencrvs.people.clients[_CLIENT]

    async def rotates_key(self) -> None:
        """Its auth service is deployed anew, with another signing key: older tokens open nothing."""
        self._timeline.says(Actor.OPENCRVS, "signs its tokens with a new key from now on")
        await self._servers.opencrvs.core.tokens.rotate()

    def imports_record_with_number(self, record: CivilRecord, number: str) -> None:
        """An old register is imported, and one of its records has this registration number."""
        self._timeline.says(Actor.OPENCRVS, f"imports an old record numbered {number}")
        self._servers.opencrvs.records.load(_imported(record.family.event_type, number, self._timeline.world))


def _imported(kind: str, number: str, world: World) -> Any:
    now, uuid = world.timestamp(), world.chance.uuid
    person = {"child.name": {"firstname": "Old", "surname": "Register"}}
    base = {"createdAt": now, "createdBy": uuid(), "createdByUserType": "system", "status": "Accepted"}
    actions = [
        {"id": uuid(), "type": name, "transactionId": uuid(), "declaration": declaration, **more, **base}
        for name, declaration, more in (
            ("CREATE", {}, {}),
            ("DECLARE", person, {}),
            ("REGISTER", {}, {"registrationNumber": number}),
        )
    ]
    tracking = world.chance.alphanumeric(6)
    dates = {"createdAt": now, "updatedAt": now}
    return {"id": uuid(), "type": kind, "trackingId": tracking, **dates, "actions": actions}
