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
_PAUSE = 1.5
"""Seconds that a restarted bridge stays down, so that a room can see it."""


class Surroundings:
    """What nobody of the three systems does by itself."""

    def __init__(self, access: ConsoleAccess) -> None:
        self._access = access

    async def line(self, mock: MockName, *, cut: bool) -> None:
        """Cut or mend the line between a mock and the bridge."""
        async with self._access.act():
            servers = self._access.servers
            faults = (servers.opencrvs if mock == "opencrvs" else servers.nid).faults
            ours = faults_of_a_cut(mock, faults.seams)
            if cut:
                for fault in ours:
                    faults.add(fault)
            else:
                for number, fault, _ in faults.listed():
                    if fault in ours:
                        faults.remove(number)
            self._access.note(mock, f"line.{mock}.{'cut' if cut else 'whole'}", good=not cut)

    async def advance(self, seconds: float) -> None:
        """Everybody's clock goes ahead, and what is due happens."""
        async with self._access.act():
            self._access.tell(steps.moved(self._access.now(), seconds))
            await self._access.world.clock.advance(seconds)

    async def restart_bridge(self) -> None:
        """The bridge crashes and is started again."""
        async with self._access.act():
            self._access.note("bridge", "bridge.down", good=False)
            await self._access.servers.stop_bridge(kill=True)
            await self._access.world.clock.sleep(_PAUSE)
            await self._access.servers.start_bridge()
            self._access.note("bridge", "bridge.up")

    async def forge(self, event_id: str) -> None:
        """A stranger sends the bridge a credential of its own for this record's packet."""
        async with self._access.act():
            row, servers = await self._access.row(event_id), self._access.servers
            if row["packet"] is None:
                raise ActRefused(409, "no-open-packet", who=row["name"])
            world = self._access.world
            stranger = Stranger(
                Timeline(world, RealPace(world), lambda event: None),
                self._access.reader.http,
                servers.mediator_url + CALLBACK,
                servers.opencrvs_settings.keys,
                servers.nid.url,
            )
            reply = await stranger.sends_credential(row["packet"], secret="guessed")
            self._access.tell(
                steps.forged(self._access.now(), event_id, row["name"], reply.status, taken=reply.ok)
            )

    async def afresh(self) -> None:
        """Nobody is declared, nothing was sent, no line is cut; only the clock stays where it is."""
        async with self._access.act():
            servers = self._access.servers
            await servers.clear_mocks()
            await servers.stop_bridge()
            servers.forget_registrations()
            # of the store that is gone: the hub would ask a bridge that knows nothing of it
            servers.nid.parts.queues.drop_all()
            await servers.start_bridge()
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
