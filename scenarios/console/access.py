"""What every button needs: the systems at hand, one act at a time, and a refusal in words. Edge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from scenarios.console import steps
from scenarios.console.follower import Follower
from scenarios.console.reading import Reader
from scenarios.console.session import FrameLog
from scenarios.console.steps import Step


class ActRefused(Exception):
    """A button that cannot do its work now. `key` names the sentence in the texts, `params` what is in it."""

    def __init__(self, status: int, key: str, **params: Any) -> None:
        super().__init__(f"{key} {params or ''}".strip())
        self.status, self.key, self.params = status, key, params


class ConsoleAccess:
    """One person acts at a time, whoever of those in the room it is."""

    def __init__(self, reader: Reader, session: FrameLog, follower: Follower) -> None:
        self.reader, self.session, self.follower = reader, session, follower
        self.servers, self.world = reader.servers, reader.world
        self.acting = asyncio.Lock()

    @asynccontextmanager
    async def act(self) -> AsyncIterator[None]:
        """One act, after whatever is being done; everybody sees what came of it."""
        async with self.acting:
            yield
            await self.follower.look()

    def tell(self, step: Step) -> None:
        self.follower.tell(step)

    def note(self, actor: str, key: str, row: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Somebody did something just now: about the record of that row, or about none."""
        about = {"record": row["id"], "who": row["name"]} if row else {}
        self.tell(steps.note(self.now(), actor, key, **about, **more))

    def now(self) -> str:
        return self.world.timestamp()

    async def row(self, event_id: str) -> dict[str, Any]:
        """The record as the page shows it, looked at now."""
        picture = await self.follower.look()
        for row in picture["records"]:
            if row["id"] == event_id:
                return dict(row)
        raise ActRefused(404, "no-record")
