"""What happens around the three systems: lines, the clock, a crash, a stranger, a new beginning. Flow."""

from __future__ import annotations

from typing import Literal

from scenarios.console import steps
from scenarios.console.access import ActRefused, ConsoleAccess
from scenarios.console.picture import faults_of_a_cut
from scenarios.stage.actors.stranger import CALLBACK, Stranger
from scenarios.stage.pace import RealPace
from scenarios.stage.timeline import Timeline

MockName = Literal["opencrvs", "nid"]


class Surroundings:
    """What nobody of the three systems does by itself."""

    def __init__(self, access: ConsoleAccess) -> None:
        self._access = access

    async def line(self, mock: MockName, *, cut: bool) -> None:
        """Cut or mend the line between a mock and the bridge."""
        async with self._access.act():
            before = await self._access.reader.get(mock, "/admin/faults")
            wanted = faults_of_a_cut(mock, before["seams"])
            if cut:
                for fault in wanted:
                    await self._access.reader.send(mock, "POST", "/admin/faults", fault)
            else:
                ours = {(fault["seam"], fault["kind"]) for fault in wanted}
                for fault in before["faults"]:
                    if fault["count"] is None and (fault["seam"], fault["kind"]) in ours:
                        await self._access.reader.send(mock, "DELETE", f"/admin/faults/{fault['number']}")
            self._access.note(mock, f"line.{mock}.{'cut' if cut else 'whole'}", good=not cut)

    async def advance(self, seconds: float) -> None:
        """Everybody's clock goes ahead, and what is due happens."""
        async with self._access.act():
            if self._access.systems.advance is None:
                raise ActRefused(409, "clock-not-ours")
            self._access.tell(steps.moved(self._access.now(), seconds))
            await self._access.systems.advance(seconds)

    async def restart_bridge(self) -> None:
        """The bridge crashes and is started again."""
        async with self._access.act():
            if self._access.systems.restart_bridge is None:
                raise ActRefused(409, "bridge-not-ours")
            self._access.note("bridge", "bridge.down", good=False)
            await self._access.systems.restart_bridge()
            self._access.note("bridge", "bridge.up")

    async def forge(self, event_id: str) -> None:
        """A stranger sends the bridge a credential of its own for this record's packet."""
        async with self._access.act():
            row, systems = await self._access.row(event_id), self._access.systems
            if systems.keys is None or systems.mediator is None:
                raise ActRefused(409, "bridge-not-ours")
            if row["packet"] is None:
                raise ActRefused(409, "no-open-packet", who=row["name"])
            world = self._access.world
            stranger = Stranger(
                Timeline(world, RealPace(world), lambda event: None),
                self._access.reader.http,
                systems.mediator + CALLBACK,
                systems.keys,
                systems.nid,
            )
            reply = await stranger.sends_credential(row["packet"], secret="guessed")
            self._access.tell(
                steps.forged(self._access.now(), event_id, row["name"], reply.status, taken=reply.ok)
            )

    async def afresh(self) -> None:
        """Nobody is declared, nothing was sent, no line is cut; only the clock stays where it is."""
        async with self._access.act():
            if self._access.systems.renew_bridge is None:
                raise ActRefused(409, "bridge-not-ours")
            for mock in self._access.reader.mocks:
                await self._access.reader.send(mock, "POST", "/admin/reset")
            await self._access.systems.renew_bridge()
            self._access.follower.forget()
            self._access.session.begin_anew()

    async def find(self, text: str) -> list[str]:
        """The records of that name, tracking id or registration number, newest first; they stay in sight."""
        if not text:
            return []
        found = self._access.follower.find(text)
        self._access.reader.keep_in_sight(found)
        await self._access.follower.look()
        return found
