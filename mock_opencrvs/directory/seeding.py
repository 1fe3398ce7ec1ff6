"""The directory as it stands at the start, read from the package's data files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from mock_opencrvs.directory.people import Role, SystemClient, User, UserDirectory
from mock_opencrvs.directory.places import AREA, Location
from wire.opencrvs.profiles import Profile

_ADMINISTRATOR = "6f1f0a52-3b0e-4a25-9df0-5a55a5a5a505"
"""Who made the clients; in 2.1 they come with the country config."""


@cache
def data(name: str) -> Any:
    """A data file of the package, parsed; treat it as read-only."""
    return yaml.load((files("mock_opencrvs") / "data" / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)


def people(profile: Profile, queue_slugs: list[str]) -> UserDirectory:
    """Offices, roles, users and system clients of a fresh installation."""
    seeded = UserDirectory(profile, _places(), _roles(profile, queue_slugs))
    for row in data("users")["users"]:
        user = _user(row, profile)
        seeded.users[user.id] = user
    for client in _clients(profile):
        seeded.clients[client.id] = client
    return seeded


def _places() -> dict[str, Location]:
    rows = data("locations")
    areas = [
        Location(row["id"], row["name"], AREA, row["external_id"], row["parent"])
        for row in rows["administrative_areas"]
    ]
    others = [
        Location(row["id"], row["name"], row["type"], row["external_id"], row["area"])
        for row in rows["locations"]
    ]
    return {place.id: place for place in areas + others}


def _grammar(profile: Profile) -> str:
    return "scopes_1_9" if profile is Profile.V1_9 else "scopes_2_0"


def _roles(profile: Profile, queue_slugs: list[str]) -> dict[str, Role]:
    queues = ("|" if profile is Profile.V1_9 else ",").join(queue_slugs)
    roles = {}
    for row in data("roles"):
        scopes = row.get(_grammar(profile))
        if scopes is None:
            continue
        texts = [scope.replace("{queues}", queues) for scope in scopes]
        if profile is Profile.V1_9:
            texts.append("demo")  # core appends it outside production
        roles[row["id"]] = Role(row["id"], row["label"], tuple(texts))
    return roles


def _user(row: dict[str, Any], profile: Profile) -> User:
    old, signature = profile is Profile.V1_9, row.get("signature")
    return User(
        id=row["mongo_id"] if old else row["id"],
        username=row["username"],
        firstname=row["firstname"],
        surname=row["surname"],
        role=row.get("role_1_9", row["role"]) if old else row["role"],
        office=row["office"],
        mobile=row["mobile"],
        email=f"{row['username']}@example.org",
        signature=f"/{signature}" if signature and old else signature,
        password=data("users")["password"],
    )


def _clients(profile: Profile) -> list[SystemClient]:
    found = []
    for row in data("clients")["clients"]:
        scopes = row.get("scopes_2_1") if profile is Profile.V2_1 else None
        scopes = scopes or row.get(_grammar(profile))
        if scopes:
            found.append(
                SystemClient(
                    row["id"],
                    row["name"],
                    row["secret"],
                    row["sha_secret"],
                    tuple(scopes),
                    created_by=None if profile is Profile.V2_1 else _ADMINISTRATOR,
                    role=row["role_1_9"] if profile is Profile.V1_9 else None,
                )
            )
    return found
