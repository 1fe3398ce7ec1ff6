"""What every button needs: the systems at hand, one act at a time, and a refusal in words. Edge."""

from __future__ import annotations

import asyncio
from typing import Any

from scenarios.console.follower import Follower
from scenarios.console.reading import Reader, Unreachable
from scenarios.console.session import FrameLog
from scenarios.console.steps import Step
from scenarios.console.systems import Systems
from wire.world import World


class ActRefused(Exception):
    """A button that cannot do its work now. `key` names the sentence in the texts, `params` what is in it."""

    def __init__(self, status: int, key: str, **params: Any) -> None:
        super().__init__(f"{key} {params or ''}".strip())
        self.status, self.key, self.params = status, key, params


class ConsoleAccess:
    """One person acts at a time, whoever of those in the room it is."""

    def __init__(
        self, systems: Systems, reader: Reader, session: FrameLog, follower: Follower, world: World
    ) -> None:
        self.systems, self.reader, self.session = systems, reader, session
        self.follower, self.world = follower, world
        self.acting = asyncio.Lock()

    def tell(self, step: Step) -> None:
        self.follower.tell(step)

    def now(self) -> str:
        return self.world.timestamp()

    async def row(self, event_id: str) -> dict[str, Any]:
        """The record as the page shows it, looked at now."""
        picture = await self.follower.look()
        for row in picture["records"]:
            if row["id"] == event_id:
                return dict(row)
        raise ActRefused(404, "no-record")

    async def ask(self, mock: str, path: str) -> Any:
        try:
            return await self.reader.get(mock, path)
        except Unreachable as gone:
            raise ActRefused(502, "unreachable", system=gone.system, why=gone.why) from gone

    async def do(self, mock: str, method: str, path: str, body: Any = None) -> Any:
        try:
            return await self.reader.send(mock, method, path, body)
        except Unreachable as gone:
            raise ActRefused(502, "unreachable", system=gone.system, why=gone.why) from gone
