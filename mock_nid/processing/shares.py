"""Data share: a sealed credential kept behind a link for the partner to fetch (contract mosip §5.2)."""

from __future__ import annotations

from testbed.latest import Latest
from wire.world import World

KEPT = 1000


class Shares:
    """The last sealed credentials by their link's id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: Latest[str, str] = Latest(KEPT)
        self.base = ""

    def keep(self, sealed: str) -> str:
        """Keep it and return its link."""
        id = self._world.chance.uuid().replace("-", "")
        self._kept[id] = sealed
        return f"{self.base}/v1/datashare/get/{id}"

    def find(self, id: str) -> str | None:
        return self._kept.get(id)

    def clear(self) -> None:
        self._kept.clear()
