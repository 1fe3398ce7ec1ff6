"""Who works in the registry and where: users, system clients, roles, areas and offices. Pure look-ups.

Shapes on the wire differ by profile (contract opencrvs §4.10): user ids and names, locations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wire.opencrvs.profiles import Profile


@dataclass(frozen=True)
class Location:
    """An administrative area (`kind` ADMIN_STRUCTURE), an office or a facility; `parent` is an area's id."""

    id: str
    name: str
    kind: str
    external_id: str
    parent: str | None


@dataclass(frozen=True)
class Role:
    id: str
    label: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class User:
    """A person with a log-in. `status` is active, pending or deactivated."""

    id: str
    username: str
    firstname: str
    surname: str
    role: str
    office: str
    mobile: str
    email: str
    status: str = "active"
    signature: str | None = None
    password: str = "test"


@dataclass(frozen=True)
class SystemClient:
    """A system client of client_credentials; one without `created_by` came with the country config."""

    id: str
    name: str
    secret: str
    sha_secret: str
    scopes: tuple[str, ...]
    active: bool = True
    created_by: str | None = None
    role: str | None = None
    """1.9: the kind of system, which its actions show as a role."""


@dataclass
class UserDirectory:
    """The directory. Mutable in users and clients only: admin routes and `integrations.*` add to them."""

    profile: Profile
    places: dict[str, Location]
    roles: dict[str, Role]
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, SystemClient] = field(default_factory=dict)

    def by_username(self, username: str) -> User | None:
        return next((user for user in self.users.values() if user.username == username), None)

    def scopes_of(self, user: User) -> tuple[str, ...]:
        role = self.roles.get(user.role)
        return role.scopes if role else ()

    def hierarchy(self, place_id: str | None) -> list[str]:
        """Ids from the province down to the place itself; just the id when the place is unknown."""
        if not place_id:
            return []
        chain = [place_id]
        place = self.places.get(place_id)
        while place is not None and place.parent is not None:
            chain.append(place.parent)
            place = self.places.get(place.parent)
        return chain[::-1]

    def leaf_areas(self) -> tuple[str, ...]:
        """Ids of the areas that have no area below them."""
        found = areas(self.places.values())
        above = {place.parent for place in found}
        return tuple(place.id for place in found if place.id not in above)

    def within(self, place_id: str) -> set[str]:
        """The place and all places below it."""
        found = {place_id}
        while True:
            more = {p.id for p in self.places.values() if p.parent in found} - found
            if not more:
                return found
            found |= more

    def replace_user(self, user: User, **changes: Any) -> User:
        changed = replace(user, **changes)
        self.users[user.id] = changed
        return changed


def user_json(user: User, people: UserDirectory) -> dict[str, Any]:
    """A user as `user.get` answers; None stands for what upstream leaves undefined."""
    if people.profile is Profile.V1_9:
        shown: dict[str, Any] = {
            "id": user.id,
            "name": [{"use": "en", "given": [user.firstname], "family": user.surname}],
            "role": user.role,
            "primaryOfficeId": user.office,
        }
        return shown | ({"signature": user.signature} if user.signature else {})
    office = people.places.get(user.office)
    return {
        "type": "user",
        "id": user.id,
        "name": {"firstname": user.firstname, "surname": user.surname},
        "role": user.role,
        "email": user.email,
        "mobile": user.mobile,
        "status": user.status,
        "primaryOfficeId": user.office,
        "administrativeAreaId": office.parent if office else None,
        "signature": user.signature,
        "avatar": None,
        "fullHonorificName": None,
    }


def client_json(client: SystemClient) -> dict[str, Any]:
    """A system client as `user.get` shows it to those who look up `createdBy`."""
    return {"type": "system", "id": client.id, "name": client.name, "role": None}


def place_json(place: Location, profile: Profile) -> dict[str, Any]:
    """A place as `locations.list` shows it: areas among them in 1.9, versions in 2.1."""
    if profile is Profile.V1_9:
        return {
            "id": place.id,
            "name": place.name,
            "externalId": place.external_id,
            "parentId": place.parent,
            "validUntil": None,
            "locationType": place.kind,
        }
    shown: dict[str, Any] = {
        "id": place.id,
        "name": place.name,
        "externalId": place.external_id,
        "administrativeAreaId": place.parent,
    }
    if profile is Profile.V2_1:
        shown["status"] = "active"
        shown["versions"] = [{"name": place.name, "validFrom": None, "validUntil": None}]
    else:
        shown["validUntil"] = None
    return shown | {"locationType": place.kind}


def area_json(place: Location, profile: Profile) -> dict[str, Any]:
    """An administrative area of 2.0 and later."""
    shown: dict[str, Any] = {
        "id": place.id,
        "name": place.name,
        "externalId": place.external_id,
        "parentId": place.parent,
    }
    if profile is Profile.V2_1:
        return shown | {
            "status": "active",
            "versions": [{"name": place.name, "validFrom": None, "validUntil": None}],
        }
    return shown | {"validUntil": None}


def areas(places: Iterable[Location]) -> list[Location]:
    return [place for place in places if place.kind == "ADMIN_STRUCTURE"]


def offices_and_facilities(places: Iterable[Location]) -> list[Location]:
    return [place for place in places if place.kind != "ADMIN_STRUCTURE"]


def choose_places(places: Iterable[Location], wanted: Mapping[str, Any]) -> list[Location]:
    """The places that a `locations.list` input asks for: `locationIds`, `locationType`, `externalId`."""
    ids = wanted.get("locationIds")
    kind = wanted.get("locationType")
    external = wanted.get("externalId")
    return [
        place
        for place in places
        if (ids is None or place.id in ids)
        and (kind is None or place.kind == kind)
        and (external is None or place.external_id == external)
        and wanted.get("isActive") is not False
    ]
