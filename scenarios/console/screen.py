"""The registrar at the screen of OpenCRVS: what is done there, and the workqueues. Edge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from scenarios.console.reading import Reader, Unreachable
from scenarios.stage.actors.administrator import Administrator
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.registrar import Registrar
from scenarios.stage.credentials import SYSTEM_CLIENT
from scenarios.stage.pace import RealPace
from scenarios.stage.timeline import Timeline
from scenarios.story import Unmet

Done = TypeVar("Done")


class Screen:
    """One user, who logs in again when the clock was moved past the end of the log-in."""

    def __init__(self, reader: Reader) -> None:
        # the clock belongs to the people in the room: waiting for an answer must not move it
        timeline = Timeline(reader.world, RealPace(reader.world), lambda event: None)
        opencrvs, http = reader.servers.opencrvs, reader.http
        profile, gateway = opencrvs.settings.profile, opencrvs.gateway_url
        self.registrar = Registrar(
            timeline, http, gateway, profile, reader.document, locale=opencrvs.settings.locale
        )
        self._administrator = Administrator(
            timeline, http, gateway, opencrvs.auth_url, profile, SYSTEM_CLIENT
        )

    async def ends_waiting(self, record: CivilRecord) -> None:
        """OpenCRVS's administrator rejects what nobody will answer."""
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
