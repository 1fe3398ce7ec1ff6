"""The registrar at the screen of OpenCRVS: what is done there, and the workqueues. Edge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from scenarios.console.reading import Reader, Unreachable
from scenarios.console.systems import Systems
from scenarios.engine import Unmet
from scenarios.stage.actors.administrator import Administrator
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.registrar import NotDone, Registrar
from scenarios.stage.credentials import SYSTEM_CLIENT
from scenarios.stage.pace import RealPace
from scenarios.stage.timeline import Timeline
from wire.world import World

Done = TypeVar("Done")


class Screen:
    """One user, who logs in again when the clock was moved past the end of the log-in."""

    def __init__(self, systems: Systems, reader: Reader, world: World) -> None:
        # the clock belongs to the people in the room: waiting for an answer must not move it
        timeline = Timeline(world, RealPace(world), lambda event: None)
        self.registrar = Registrar(
            timeline,
            reader.http,
            systems.opencrvs,
            systems.profile,
            reader.document,
            locale=systems.locale,
        )

        self._administrator = systems.auth and Administrator(
            timeline, reader.http, systems.opencrvs, systems.auth, systems.profile, SYSTEM_CLIENT
        )

    async def ends_waiting(self, record: CivilRecord) -> None:
        """OpenCRVS's administrator rejects what nobody will answer."""
        if not self._administrator:
            raise NotDone("this OpenCRVS's administrator is not at hand")
        await self.registrar.gives_back(record)
        await self._administrator.ends_waiting(record)

    async def does(self, doing: Callable[[Registrar], Awaitable[Done]]) -> Done:
        """Unreachable, in the registrar's words, when OpenCRVS does not let it happen."""
        try:
            return await doing(self.registrar)
        except Unmet as error:
            raise Unreachable("opencrvs", str(error)) from error

    async def queues(self) -> list[dict[str, Any]]:
        """`[{"slug", "name", "count"}]` of the user's workqueues."""
        counted = await self.does(lambda registrar: registrar.queue_counts())
        return [{"slug": slug, "name": name, "count": count} for slug, name, count in counted]
