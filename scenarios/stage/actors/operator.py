"""The operator: reads the bridge's list of what is unfinished and decides, over its operations API."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from scenarios.judging.evidence import Decision, Unfinished
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet
from wire.http.client import HttpClient, Reply


class Operator:
    """Works with the list at `{mediator}/operations`. Without `token` there is none, and `unseen` says so."""

    def __init__(self, timeline: Timeline, line: HttpClient, mediator: str, token: str | None) -> None:
        self._timeline, self._line = timeline, line
        self._url = f"{mediator}/operations"
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self.unseen = "" if token else "this bridge has no list of unfinished registrations that we can read"
        self.decisions: list[Decision] = []

    async def entries(self) -> list[Unfinished]:
        """Everything the bridge has not finished; nothing when there is no list to read."""
        if self.unseen:
            return []
        url = f"{self._url}/registrations?limit=1000"
        reply = await self._line.reply("GET", url, headers=self._headers)
        if not reply.ok:
            raise Unmet(f"the bridge's list cannot be read: {reply.status} {reply.text[:200]}")
        try:
            return [_waiting(row) for row in reply.json()["registrations"]]
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Unmet(f"the bridge's list is none that we can read: {reply.text[:200]}") from None

    async def entry(self, record: CivilRecord) -> Unfinished:
        """The list's line about this record; Unmet when there is none."""
        for waiting in await self.entries():
            if waiting.event_id == record.event_id:
                return waiting
        raise Unmet(f"the bridge's list does not name {record.what}")

    def finds_stuck(self, record: CivilRecord) -> Callable[[], Awaitable[bool]]:
        """The question whether the list shows this record as stuck."""

        async def stuck() -> bool:
            return any(w.event_id == record.event_id and w.stuck for w in await self.entries())

        return stuck

    def finds_named(self, record: CivilRecord) -> Callable[[], Awaitable[bool]]:
        """The question whether the list names a trouble of this record: it is stuck, or held until mended."""

        async def named() -> bool:
            found = await self.entries()
            return any(w.event_id == record.event_id and (w.stuck or w.held) for w in found)

        return named

    async def has_nothing_to_do(self) -> bool:
        return not await self.entries()

    async def rejects(self, record: CivilRecord, reason: str) -> None:
        """Decide against the registration."""
        await self._decides(record, "reject", {"reason": reason})

    async def retries(self, record: CivilRecord) -> None:
        """Have the bridge go on from where it got stuck."""
        await self._decides(record, "retry", {})

    async def _decides(self, record: CivilRecord, what: str, body: dict[str, Any]) -> None:
        waiting = await self.entry(record)
        self._timeline.says(Actor.OPERATOR, f"decides on {record.what}: {what}")
        if what == "reject":
            self.decisions.append(Decision(self._timeline.world.clock.now(), waiting.action_id, what))
        reply = await self._post(waiting, what, body)
        if not reply.ok:
            raise Unmet(f"the bridge does not take the decision: {reply.status} {reply.text[:200]}")

    async def _post(self, waiting: Unfinished, what: str, body: dict[str, Any]) -> Reply:
        url = f"{self._url}/registrations/{waiting.registration_id}/{what}"
        headers = {**self._headers, "content-type": "application/json"}
        return await self._line.reply("POST", url, body=json.dumps(body).encode(), headers=headers)


def _waiting(row: dict[str, Any]) -> Unfinished:
    return Unfinished(
        event_id=row["event_id"],
        action_id=row["action_id"],
        state=row["state"],
        reason=row.get("reason") or "",
        remedies=tuple(row.get("remedies") or ()),
        stuck=bool(row.get("stuck")),
        held=row.get("held") or "",
        registration_id=row.get("packet_id") or "",
    )
