"""Follows the journals of both mocks and looks at the systems; fills the session. Edge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from scenarios.console.picture import known, picture
from scenarios.console.reading import Reader, SystemsView, Unreachable
from scenarios.console.session import FrameLog
from scenarios.console.steps import Known, Step, in_order, is_seen, note, step_of
from scenarios.stage.exchange_watcher import Watcher
from testbed.journal import Exchange
from wire.background import Loop

_GATHER_SECONDS = 0.06
_FOUND = 8
"""How many records a search brings at most."""

Queues = Callable[[], Awaitable[list[dict[str, Any]]]]


class Follower:
    """Hears the journals; two loops make steps and pictures of what was heard."""

    def __init__(
        self,
        reader: Reader,
        session: FrameLog,
        queues: Queues,
        poll_seconds: float,
    ) -> None:
        self._reader, self._session = reader, session
        self._queues, self._poll = queues, poll_seconds
        self._fresh: list[Exchange | Step] = []
        self._known = Known()
        self._looking = asyncio.Lock()
        self._looks = self._newest = 0
        """How many looks have begun, and which of them is shown: one that began earlier may end later."""
        self._queue_rows: list[dict[str, Any]] = []
        self._counted: Any = None
        clock = reader.world.clock
        self._loops = [Loop("steps", clock, self._tell), Loop("picture", clock, self._watch)]
        self._journals: Watcher | None = None
        self._log = structlog.get_logger("console")
        self.asking: set[str] = set()
        """Records whose registrar waits at the screen for an answer at this moment."""
        self._stuck: set[str] = set()
        """Records of which the room was told that they are stuck."""
        self.answers = "ask"
        """What the ID system does with packets of records registered here: `ask` or `itself`."""

    def forget(self) -> None:
        """What was seen so far is gone from the systems, too."""
        self._fresh.clear()
        self._known, self._stuck, self._counted = Known(), set(), None
        self._newest = self._looks
        self._reader.keep_in_sight([])

    def find(self, text: str) -> list[str]:
        """Event ids of the records with that name, tracking id or registration number; newest first."""
        wanted = text.casefold()
        named = {event: None for event, name in self._known.names.values() if wanted in name.casefold()}
        by_id = self._known.names.get(text.strip().upper())
        return [*([by_id[0]] if by_id else []), *reversed(named)][:_FOUND]

    def start(self) -> None:
        servers = self._reader.servers
        journals = (servers.opencrvs.journal, servers.nid.journal)
        self._journals = Watcher(journals, self._hear, self._reader.world.clock)
        for loop in self._loops:
            loop.start()

    async def close(self) -> None:
        if self._journals is not None:
            await self._journals.close()
        for loop in self._loops:
            await loop.close()

    def _hear(self, exchange: Exchange) -> None:
        if is_seen(exchange):
            self._fresh.append(exchange)

    def tell(self, step: Step) -> None:
        """A step that is no exchange: it takes its place among them by its time."""
        self._fresh.append(step)

    async def _tell(self) -> float:
        """What came within a moment is put in the order of time, then told."""
        if self._fresh:
            await self.look()
        return _GATHER_SECONDS

    async def _watch(self) -> float:
        """The bridge may change without a word on the wire: look now and then while somebody watches."""
        if self._session.watchers or self._session.picture is None:
            await self.look()
        return self._poll

    async def look(self) -> dict[str, Any]:
        """Look at everything now; returns the picture."""
        self._looks += 1
        number = self._looks
        return await self._show(await self._reader.look(), number)

    async def _show(self, look: SystemsView, number: int) -> dict[str, Any]:
        async with self._looking:
            if number > self._newest:
                self._known = known(look, self._known)
            fresh, self._fresh = self._fresh, []
            for one in in_order(fresh):
                self._session.step(one if isinstance(one, Step) else step_of(one, self._known))
            await self._count(look)
            profile = self._reader.servers.opencrvs.settings.profile
            made = picture(look, profile, self._queue_rows, self.answers, self.asking)
            if number > self._newest:
                self._newest = number
                self._tell_of_stuck(made)
                self._session.show(made)
            return made

    def _tell_of_stuck(self, now: dict[str, Any]) -> None:
        """A bridge that gives up says nothing on the wire; the room learns of it here, once.

        While the bridge is down nobody knows where its records are: what it lists afterwards is no news.
        """
        for row in now["records"]:
            if row["stage"] == "stuck" and row["id"] not in self._stuck and self._session.picture is not None:
                step = note(now["at"], "bridge", "stuck", record=row["id"], good=False, who=row["name"])
                self._session.step(step)
        if now["systems"]["bridge"]:
            self._stuck = {row["id"] for row in now["records"] if row["stage"] == "stuck"}

    async def _count(self, look: SystemsView) -> None:
        """Workqueues are counted as a browser does it, only when a record changed."""
        index = self._reader.servers.opencrvs.core.index
        listed = ((one, index.get(one["id"]) or {}) for one in look.records)
        marks = [(one["id"], len(one["actions"]), tuple(row.get("flags", ()))) for one, row in listed]
        if marks == self._counted and self._queue_rows:
            return
        try:
            self._queue_rows = await self._queues()
            self._counted = marks
        except Unreachable as gone:
            self._log.info("queues cannot be counted", why=gone.why)
