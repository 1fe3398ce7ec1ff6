"""Reads the three systems over their own routes: admin of the mocks, operations of the bridge. Edge."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from scenarios.console.systems import Systems
from testbed.journal import Exchange
from wire.http.client import HttpClient, NoAnswer, Reply
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
    """What the systems showed at one moment. None: that system could not be asked."""

    now: str
    records: list[dict[str, Any]] | None = None
    """`/admin/records`, oldest first, each with its `document`."""
    packets: list[dict[str, Any]] | None = None
    entries: list[dict[str, Any]] | None = None
    """The bridge's unfinished registrations, keys in camel case."""
    faults: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Armed faults of each mock, by `opencrvs` and `nid`."""
    cases: list[dict[str, Any]] = field(default_factory=list)
    """What was asked of the ID system's manual verification, oldest first."""


class Reader:
    """One line to all three."""

    def __init__(self, systems: Systems, http: HttpClient, world: World) -> None:
        self._systems, self.http, self._world = systems, http, world
        self._offset = 0
        self._documents: dict[str, tuple[str, EventDocument]] = {}
        self._in_sight: list[str] = []

    @property
    def mocks(self) -> dict[str, str]:
        return {"opencrvs": self._systems.opencrvs, "nid": self._systems.nid}

    async def look(self) -> SystemsView:
        """All three, now; a system that does not answer leaves its part out."""
        seen = SystemsView(self._world.timestamp())
        try:
            seen.records = await self._records()
            seen.faults["opencrvs"] = (await self.get("opencrvs", "/admin/faults"))["faults"]
            seen.now = str((await self.get("opencrvs", "/admin/clock"))["now"])
        except Unreachable:
            seen.records = None
        try:
            seen.packets = (await self.get("nid", "/admin/registrations?limit=500"))["registrations"]
            seen.faults["nid"] = (await self.get("nid", "/admin/faults"))["faults"]
            seen.cases = (await self.get("nid", "/admin/verifications"))["verifications"]
        except Unreachable:
            seen.packets = None
        try:
            seen.entries = await self.entries()
        except Unreachable:
            seen.entries = None
        return seen

    async def _records(self) -> list[dict[str, Any]]:
        rows, total = await self._newest()
        if self._offset != (first := max(total - RECENT, 0)):
            self._offset = first
            rows, _ = await self._newest()
        newest = {row["id"] for row in rows}
        older = [one for one in self._in_sight if one not in newest]
        rows = [_summary(await self.get("opencrvs", f"/admin/records/{one}")) for one in older] + rows
        for row in rows:
            # a document is read again only when its summary changed
            mark = json.dumps(row, sort_keys=True)
            kept = self._documents.get(row["id"])
            if kept is None or kept[0] != mark:
                kept = (mark, await self.document(row["id"]))
                self._documents[row["id"]] = kept
            row["document"] = kept[1]
        return list(rows)

    async def _newest(self) -> tuple[list[dict[str, Any]], int]:
        """The summaries from where the newest ones began last time, and how many there are in all."""
        listed = await self.get("opencrvs", f"/admin/records?limit={RECENT}&offset={self._offset}")
        return listed["records"], listed["total"]

    def keep_in_sight(self, event_ids: list[str]) -> None:
        """Records that the page shows although many newer ones came; those named last, and no others."""
        self._in_sight = event_ids

    async def document(self, event_id: str) -> EventDocument:
        """One record of OpenCRVS as it stands; Unreachable when it has none."""
        found: EventDocument = (await self.get("opencrvs", f"/admin/records/{event_id}"))["document"]
        return found

    async def entries(self) -> list[dict[str, Any]]:
        """The bridge's list of what is unfinished; Unreachable when there is none to read."""
        if self._systems.mediator is None:
            raise Unreachable("bridge", "no address of its list is known")
        reply = await self._call("GET", f"{self._systems.mediator}/operations/registrations?limit=500")
        return [_camel(row) for row in self._json("bridge", reply)["registrations"]]

    async def get(self, mock: str, path: str) -> Any:
        return self._json(mock, await self._call("GET", self.mocks[mock] + path))

    async def send(self, mock: str, method: str, path: str, body: Any = None) -> Any:
        """A change over a mock's admin routes; Unreachable with the mock's own words when it refuses."""
        return self._json(mock, await self._call(method, self.mocks[mock] + path, body))

    async def decide(self, registration_id: str, what: str, body: Any) -> Any:
        """An operator's decision: retry or reject."""
        url = f"{self._systems.mediator}/operations/registrations/{registration_id}/{what}"
        return self._json("bridge", await self._call("POST", url, body))

    async def _call(self, method: str, url: str, body: Any = None) -> Reply:
        headers = {"content-type": "application/json"}
        token = self._systems.operations_token
        if token and self._systems.mediator and url.startswith(self._systems.mediator):
            headers["authorization"] = f"Bearer {token}"
        content = None if body is None else json.dumps(body).encode()
        return await self.http.reply(method, url, headers=headers, body=content, seconds=_CALL_SECONDS)

    def _json(self, system: str, reply: Reply) -> Any:
        if not reply.ok:
            raise Unreachable(system, _words(reply))
        try:
            return reply.json()
        except ValueError:
            raise Unreachable(system, "the answer is no JSON") from None

    async def journal(self, mock: str, after: int) -> AsyncIterator[Exchange]:
        """The exchanges of one mock as they come; ends when the connection does."""
        url = f"{self.mocks[mock]}/admin/journal/stream?after={after}"
        try:
            async for line in self.http.lines(url):
                if line.startswith("data: "):
                    yield exchange_of(json.loads(line.removeprefix("data: ")))
        except NoAnswer as none:
            raise Unreachable(mock, f"its journal: {none.what}") from none


def _summary(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "document"}


def exchange_of(row: dict[str, Any]) -> Exchange:
    """A line of a mock's journal stream as the value that it was."""
    return Exchange(**{**row, "records": tuple(row["records"]), "faults": tuple(row["faults"])})


def _words(reply: Reply) -> str:
    """What a refusal says, in a form for people."""
    try:
        body = reply.json()
    except ValueError:
        return f"{reply.status or 'no answer'} {reply.text[:120]}"
    if isinstance(body, dict):
        parts = [str(body[name]) for name in ("title", "detail") if body.get(name)]
        if parts:
            return ": ".join(parts)
    return f"{reply.status}"


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    return {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): value for name, value in row.items()}
