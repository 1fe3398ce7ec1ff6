"""Who works in the registry and where: users, system clients, roles. Pure look-ups.

Shapes on the wire differ by profile (contract opencrvs §4.10): user ids and names.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from mock_opencrvs.directory.places import Location, areas
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile


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
    created_at: str = "2026-01-01T00:00:00.000Z"
    role: str | None = None
    """1.9: the kind of system, which its actions show as a role."""


@dataclass
class UserDirectory:
    """The directory. Admin routes, `integrations.*` and `locations.*` add to it."""

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
        while place is not None and place.parent is not None and place.parent not in chain:
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
    """A user as `user.get` answers, with what upstream leaves undefined."""
    if people.profile is Profile.V1_9:
        return {
            "id": user.id,
            "name": [{"use": "en", "given": [user.firstname], "family": user.surname}],
            "role": user.role,
            "signature": user.signature or UNDEFINED,
            "primaryOfficeId": user.office,
            "fullHonorificName": UNDEFINED,
            "type": "user",
            "avatar": UNDEFINED,
            "device": UNDEFINED,
        }
    return user_summary(user, people) | {
        "signature": user.signature or UNDEFINED,
        "device": UNDEFINED,
        "email": user.email,
        "mobile": user.mobile,
        "status": user.status,
        "data": UNDEFINED,
    }


def user_summary(user: User, people: UserDirectory) -> dict[str, Any]:
    """A user as lists show them (2.0 and later)."""
    office = people.places.get(user.office)
    return {
        "id": user.id,
        "name": {"firstname": user.firstname, "surname": user.surname},
        "role": user.role,
        "primaryOfficeId": user.office,
        "administrativeAreaId": office.parent if office else None,
        "fullHonorificName": UNDEFINED,
        "type": "user",
        "avatar": UNDEFINED,
    }


def client_json(client: SystemClient) -> dict[str, Any]:
    """A system client among users (`user.list`), with its role in 1.9."""
    role = {"role": client.role} if client.role else {}
    return {"id": client.id, "name": client.name, "type": "system"} | role
