"""The bridge as a story treats it: stopped, killed, started, set up otherwise."""

from __future__ import annotations

from typing import Any

from scenarios.stage.servers import Servers
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet


class BridgeActor:
    """Ours, or one of somebody else as far as it is in our hands."""

    def __init__(self, timeline: Timeline, servers: Servers) -> None:
        self._timeline, self._servers = timeline, servers

    async def stops(self, *, kill: bool = False) -> None:
        self._timeline.says(Actor.BRIDGE, "is killed" if kill else "is stopped")
        await self._servers.stop_bridge(kill=kill)

    async def starts(self, shows: str = "") -> None:
        """`shows`: ids of the requirements that are broken when it does not come up."""
        self._timeline.says(Actor.BRIDGE, "is started again")
        try:
            await self._servers.start_bridge()
        except Unmet as down:
            self._timeline.found("the bridge comes up", False, str(down), shows)
            raise

    async def restarts(self, **settings: Any) -> None:
        """Stop it in good order, change settings, start it."""
        named = ", ".join(sorted(settings)) or "the same settings"
        self._timeline.says(Actor.BRIDGE, f"is restarted with {named}")
        await self._servers.stop_bridge()
        self._servers.change_bridge(settings)
        await self._servers.start_bridge()
