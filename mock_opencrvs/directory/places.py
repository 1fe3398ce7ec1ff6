"""Administrative areas, offices and facilities, as each profile shows them (contract opencrvs §4.10). Pure.

1.9 knows one kind of place; 2.0 keeps areas apart; in 2.1 a place has versions, and its name is that of the
version in effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wire.opencrvs.profiles import Profile

AREA = "ADMIN_STRUCTURE"
BEGINNING = "0001-01-01"


@dataclass(frozen=True)
class Version:
    """What a place is called from a day on (2.1); `status` is active or inactive."""

    id: str
    effective_from: str
    name: str
    external_id: str | None
    status: str


@dataclass(frozen=True)
class Location:
    """An administrative area (`kind` ADMIN_STRUCTURE), an office or a facility; `parent` is an area's id."""

    id: str
    name: str
    kind: str | None
    external_id: str | None
    parent: str | None
    valid_until: str | None = None
    changes: tuple[Version, ...] = ()

    @property
    def versions(self) -> tuple[Version, ...]:
        """At least one: a place of old was called so from the beginning."""
        return self.changes or (Version(self.id, BEGINNING, self.name, self.external_id, "active"),)

    def at(self, day: str) -> Version:
        """The version in effect; the first, inactive, when none is yet."""
        past = [version for version in self.versions if version.effective_from <= day]
        return past[-1] if past else replace(self.versions[0], status="inactive")

    def is_active(self, now: str) -> bool:
        """Whether it is not closed at this instant."""
        if self.changes:
            return self.at(now[:10]).status == "active"
        return self.valid_until is None or self.valid_until > now

    def holds(self, external_id: str, day: str) -> bool:
        """Whether it is, or will be, active under this code on that day or later (2.1)."""
        later = [version for version in self.versions if version.effective_from > day]
        held = [self.at(day) if self.versions[0].effective_from <= day else self.versions[0], *later]
        return any(one.external_id == external_id and one.status == "active" for one in held)


def place_json(place: Location, profile: Profile, now: str) -> dict[str, Any]:
    """A place as lists show it. `now` as in JSON."""
    is_area = place.kind == AREA and profile is not Profile.V1_9
    parent = {"parentId" if is_area or profile is Profile.V1_9 else "administrativeAreaId": place.parent}
    kind = {} if is_area else {"locationType": place.kind}
    head: dict[str, Any] = {"id": place.id, "name": place.name}
    if profile is Profile.V1_9:
        return head | parent | {"validUntil": place.valid_until} | kind
    if profile is Profile.V2_0:
        return {**head, "externalId": place.external_id, **parent, "validUntil": place.valid_until, **kind}
    present = place.at(now[:10])
    shown = {"id": place.id, "name": present.name, "externalId": present.external_id, **parent, **kind}
    return shown | {
        "status": present.status,
        "versions": [version_json(one) for one in place.versions],
    }


def version_json(one: Version) -> dict[str, Any]:
    return {
        "versionId": one.id,
        "effectiveFrom": one.effective_from,
        "name": one.name,
        "externalId": one.external_id,
        "status": one.status,
    }


def areas(places: Iterable[Location]) -> list[Location]:
    return [place for place in places if place.kind == AREA]


def offices_and_facilities(places: Iterable[Location]) -> list[Location]:
    return [place for place in places if place.kind != AREA]


def choose_places(places: Iterable[Location], wanted: Mapping[str, Any], now: str) -> list[Location]:
    """The places that an input asks for; an empty member asks for nothing."""
    ids = wanted.get("locationIds") or wanted.get("ids")
    kind, external = wanted.get("locationType"), wanted.get("externalId")
    return [
        place
        for place in places
        if (not ids or place.id in ids)
        and (not kind or place.kind == kind)
        and (not external or place.at(now[:10]).external_id == external)
        and (not wanted.get("isActive") or place.is_active(now))
    ]


def difference(old: Version, new: Version) -> dict[str, Any]:
    """What changed from one version to the next, as the audit log tells it."""
    told = {"name": (old.name, new.name), "externalId": (old.external_id, new.external_id)}
    told["status"] = (old.status, new.status)
    return {name: {"from": a, "to": b} for name, (a, b) in told.items() if a != b}
