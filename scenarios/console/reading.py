"""Reads the three systems: the mocks in this process, the bridge by its own list of what is open. Edge."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from scenarios.stage.servers import Servers
from testbed.faults import Fault
from wire.http.client import HttpClient, Reply
from wire.opencrvs.documents import EventDocument
from wire.world import World

_CALL_SECONDS = 10.0
RECENT = 40
"""How many records the page shows, the newest."""


class Unreachable(Exception):
    """A system did not answer, or not as it should; `system` is opencrvs, bridge or nid."""

    def __init__(self, system: str, why: str) -> None:
        super().__init__(f"{system} cannot be asked: {why}")
        self.system, self.why = system, why


@dataclass
class SystemsView:
    """What the systems showed at one moment."""

    now: str
    records: list[EventDocument] = field(default_factory=list)
    """Oldest first."""
    packets: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] | None = None
    """The bridge's unfinished registrations, keys in camel case; None: it could not be asked."""
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    """Armed faults of each mock, by `opencrvs` and `nid`."""
    cases: list[dict[str, Any]] = field(default_factory=list)
    """What was asked of the ID system's manual verification, oldest first."""


class Reader:
    """All three, as they stand; `world`: everybody's clock, and a chance of the console's own."""

    def __init__(
        self, servers: Servers, http: HttpClient, world: World, operations_token: str | None
    ) -> None:
        self.servers, self.http, self.world, self._token = servers, http, world, operations_token
        self._in_sight: list[str] = []

    async def look(self) -> SystemsView:
        """All three, now."""
        opencrvs, nid = self.servers.opencrvs, self.servers.nid
        every = list(opencrvs.records)
        older = [one for one in every[:-RECENT] if one["id"] in self._in_sight]
        seen = SystemsView(
            self.world.timestamp(),
            [*older, *every[-RECENT:]],
            [one.shown() for one in nid.registrations],
            faults={
                name: [fault for _, fault, _ in faults.listed()]
                for name, faults in (("opencrvs", opencrvs.faults), ("nid", nid.faults))
            },
            cases=[case.shown() for case in nid.parts.desk.cases.values()],
        )
        try:
            reply = await self._call("GET", "registrations?limit=500")
            seen.entries = [_camel(row) for row in reply["registrations"]]
        except Unreachable:
            seen.entries = None
        return seen

    def keep_in_sight(self, event_ids: list[str]) -> None:
        """Records that the page shows although many newer ones came; those named last, and no others."""
        self._in_sight = event_ids

    async def document(self, event_id: str) -> EventDocument:
        """One record of OpenCRVS as it stands; LookupError when it has none."""
        if (found := self.servers.opencrvs.records.snapshot(event_id)) is None:
            raise LookupError(f"OpenCRVS has no record {event_id}")
        return found

    async def decide(self, registration_id: str, what: str, body: Any) -> None:
        """An operator's decision: retry or reject."""
        await self._call("POST", f"registrations/{registration_id}/{what}", body)

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token}"}
        content = None if body is None else json.dumps(body).encode()
        url = f"{self.servers.mediator_url}/operations/{path}"
        reply = await self.http.reply(method, url, headers=headers, body=content, seconds=_CALL_SECONDS)
        if not reply.ok:
            raise Unreachable("bridge", _words(reply))
        try:
            return reply.json()
        except ValueError:
            raise Unreachable("bridge", "the answer is no JSON") from None


def _words(reply: Reply) -> str:
    """What a refusal says, in a form for people."""
    try:
        body = reply.json()
    except ValueError:
        return f"{reply.status or 'no answer'} {reply.text[:120]}"
    parts = (
        [str(body[name]) for name in ("title", "detail") if body.get(name)] if isinstance(body, dict) else []
    )
    return ": ".join(parts) or f"{reply.status}"


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    return {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): value for name, value in row.items()}
