"""VIDs: policies, and what may be done with one (contract mosip §7.2; `mosip-vid-policy.json`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mock_nid.errors import EnvelopeError
from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import Identities, Vid
from wire.world import timestamp

STATUSES = ("ACTIVE", "REVOKED", "EXPIRED", "USED", "INVALIDATED", "DEACTIVATED")


@dataclass(frozen=True)
class VidPolicy:
    """`minutes` of life (None: for ever), `uses` (None: unlimited), `instances` alive at once, `restores`
    itself when revoked."""

    minutes: int | None
    uses: int | None
    instances: int
    restores: bool


POLICIES: Mapping[str, VidPolicy] = {
    "Perpetual": VidPolicy(None, None, 1, True),
    "Temporary": VidPolicy(30, 2, 5, False),
    "OneTimeUse": VidPolicy(None, 2, 5, True),
}
AGAINST_POLICY = "Could not generate/regenerate VID as per policy"
NO_RECORD = ("IDR-IDC-007", "No Record(s) found")


class Vids:
    """Makes and changes VIDs by policy; what is against policy or state is refused in MOSIP's words."""

    def __init__(self, people: Identities, numbers: Numbers) -> None:
        self._people, self._numbers = people, numbers

    def make(self, uin: str, type: str, now: datetime, *, draft: bool = False) -> Vid:
        """A new VID for an active UIN, within the instances of its policy."""
        person = self._people.persons.get(uin)
        if person is None:
            raise EnvelopeError(*NO_RECORD)
        if person.status != "ACTIVATED":
            raise EnvelopeError("IDR-VID-004", f"{person.status} UIN")
        policy = POLICIES[type]
        alive = [
            vid for vid in self._people.vids_of(uin) if vid.type == type and vid.status_at(now) == "ACTIVE"
        ]
        if len(alive) >= policy.instances:
            raise EnvelopeError("IDR-VID-003", AGAINST_POLICY)
        made = self._numbers.vid(uin, type=type, status="DRAFT" if draft else "ACTIVE")
        expires = timestamp(now + timedelta(minutes=policy.minutes)) if policy.minutes else None
        made = replace(made, expires_at=expires, uses_left=policy.uses)
        self._people.vids[made.vid] = made
        return made

    def active(self, vid: str, now: datetime) -> Vid:
        """A VID that can be used; the refusal tells its state."""
        found = self._people.vids.get(vid)
        if found is None:
            raise EnvelopeError(*NO_RECORD)
        status = found.status_at(now)
        if status != "ACTIVE":
            raise EnvelopeError("IDR-VID-001", f"VID is {status}")
        if self._people.persons[found.uin].status != "ACTIVATED":
            raise EnvelopeError("IDR-VID-004", f"{self._people.persons[found.uin].status} UIN")
        return found

    def change(self, vid: str, status: str, now: datetime) -> tuple[Vid, Vid | None]:
        """Set a status; a Perpetual VID that is revoked is replaced by a new one."""
        found = self.active(vid, now)
        changed = replace(found, status=status)
        self._people.vids[vid] = changed
        if status == "REVOKED" and POLICIES[found.type].restores:
            return changed, self.make(found.uin, found.type, now)
        return changed, None

    def deactivate(self, vid: str) -> Vid:
        """The VID, which nobody can use from now on."""
        self._people.vids[vid] = replace(self._people.vids[vid], status="DEACTIVATED")
        return self._people.vids[vid]

    def regenerate(self, vid: str, now: datetime) -> Vid:
        """Invalidate a VID and make another of the same type."""
        found = self._people.vids.get(vid)
        if found is None:
            raise EnvelopeError(*NO_RECORD)
        if found.status_at(now) not in ("REVOKED", "EXPIRED", "USED", "ACTIVE"):
            raise EnvelopeError("IDR-VID-001", f"VID is {found.status}")
        self._people.vids[vid] = replace(found, status="INVALIDATED")
        return self.make(found.uin, found.type, now)

    def all_of(self, uin: str, before: str, after: str, now: datetime) -> None:
        """Deactivate or reactivate every VID of a UIN."""
        if uin not in self._people.persons:
            raise EnvelopeError(*NO_RECORD)
        chosen = [vid for vid in self._people.vids_of(uin) if vid.status_at(now) == before]
        if not chosen:
            raise EnvelopeError(*NO_RECORD)
        for vid in chosen:
            self._people.vids[vid.vid] = replace(vid, status=after)
