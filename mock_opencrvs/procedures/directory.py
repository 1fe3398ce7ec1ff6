"""`user.*`, `locations.*`, `administrativeAreas.list` (contract opencrvs §4.10)."""

from __future__ import annotations

from typing import Any

from mock_opencrvs.caller import Caller
from mock_opencrvs.checks import read_input
from mock_opencrvs.core import Core
from mock_opencrvs.people import (
    area_json,
    areas,
    choose_places,
    client_json,
    offices_and_facilities,
    place_json,
    user_json,
)
from mock_opencrvs.zod import Boolean, Fields, ListOf, Optional, Shape, Text, Uuid
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError

_PLACES = Optional(
    Fields(
        {
            "isActive": Optional(Boolean()),
            "locationIds": Optional(ListOf(Uuid())),
            "locationType": Optional(Text()),
            "externalId": Optional(Text()),
        }
    ),
    nullable=True,
)


def _user_id(core: Core) -> Shape:
    return Text() if core.profile is Profile.V1_9 else Uuid()


async def user_get(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    """A user; 2.0 shows others than oneself only with `user.read`."""
    wanted = str(read_input(core, _user_id(core), raw))
    if core.profile is not Profile.V1_9 and wanted != caller.id:
        caller.needs_scope(["user.read"])
    user = core.people.users.get(wanted)
    if user is not None:
        return user_json(user, core.people)
    client = core.people.clients.get(wanted)
    if client is not None:
        return client_json(client)
    if core.profile is Profile.V1_9:
        raise TRPCError("NOT_FOUND")
    raise TRPCError("NOT_FOUND", f"User not found: {wanted}")


async def user_list(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """The users of these ids; unknown ones are left out."""
    wanted = read_input(core, ListOf(_user_id(core)), raw)
    users = core.people.users
    clients = core.people.clients
    return [
        user_json(users[one], core.people) if one in users else client_json(clients[one])
        for one in wanted
        if one in users or one in clients
    ]


async def locations_list(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """Offices and facilities; in 1.9 administrative areas stand among them."""
    wanted = read_input(core, _PLACES, raw)
    places = list(core.people.places.values())
    if core.profile is not Profile.V1_9:
        places = offices_and_facilities(places)
    chosen = choose_places(places, wanted if isinstance(wanted, dict) else {})
    return [place_json(place, core.profile) for place in chosen]


async def locations_get(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    wanted = read_input(core, Fields({"id": Uuid()}), raw)["id"]
    place = core.people.places.get(wanted)
    if place is None:
        raise TRPCError("NOT_FOUND", f"Location not found: {wanted}")
    return place_json(place, core.profile)


async def location_hierarchy(core: Core, caller: Caller, raw: Any) -> list[str]:
    """Ids from the province down to the location."""
    wanted = read_input(core, Fields({"locationId": Uuid()}), raw)["locationId"]
    return core.people.hierarchy(wanted)


async def areas_list(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    wanted = read_input(core, _PLACES, raw)
    chosen = choose_places(areas(core.people.places.values()), wanted if isinstance(wanted, dict) else {})
    return [area_json(place, core.profile) for place in chosen]
