"""New UINs and VIDs: by MOSIP's rules, and never the same one twice (contract mosip §7.3)."""

from __future__ import annotations

from mock_nid.identities.people import Identities, Vid
from wire.mosip.identifiers import make_uin, make_vid
from wire.world import World


class Numbers:
    """Gives out numbers that nobody has; what was given once stays reserved, used or not."""

    def __init__(self, people: Identities, world: World, *, vid_digits: int) -> None:
        self._people, self._world, self._vid_digits = people, world, vid_digits

    def uin(self) -> str:
        """A fresh UIN, 10 digits."""
        while self._people.taken(number := make_uin(self._world.chance)):
            pass
        self._people.reserved.add(number)
        return number

    def vid(self, uin: str, *, type: str = "Perpetual", status: str = "ACTIVE") -> Vid:
        """A fresh VID for a UIN, 16 digits (10 random ones in the style of the OpenCRVS mock)."""
        while self._people.taken(number := self._vid_digits_drawn()):
            pass
        self._people.reserved.add(number)
        return Vid(number, uin, type=type, status=status, generated_at=self._world.timestamp())

    def _vid_digits_drawn(self) -> str:
        chance = self._world.chance
        return make_vid(chance) if self._vid_digits == 16 else chance.digits(10)

    def pin(self) -> str:
        """The six digits that appear as `protectionKey` (§5.1)."""
        return self._world.chance.digits(6)
