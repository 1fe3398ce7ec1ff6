"""`user.*`, `locations.*`, `administrativeAreas.list` (contract opencrvs §4.10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.directory.people import User, client_json, user_json, user_summary
from mock_opencrvs.events.checks import read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.zod import Fields, ListOf, Number, OneOf, Optional, Shape, Text, Uuid, issues_text, parse
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import Scope
from wire.opencrvs.trpc import TRPCError

_SORTED_BY = ("createdAt", "firstname", "surname", "username", "email", "status", "role")
_SEARCH = Fields(
    {
        **{name: Optional(Text()) for name in ("username", "mobile", "email", "status", "primaryOfficeId")},
        "count": Number(minimum=0),
        "skip": Number(minimum=0),
        "sortBy": Optional(OneOf(_SORTED_BY), lambda: "createdAt"),
        "sortOrder": OneOf(("asc", "desc")),
    }
)
_AUDIT = Fields(
    {
        "userId": Uuid(),
        "skip": Optional(Number(), lambda: 0),
        "count": Optional(Number(), lambda: 10),
        "timeStart": Optional(Text()),
        "timeEnd": Optional(Text()),
        "excludeOperations": Optional(ListOf(Text()), list),
    }
)


def _user_id(core: Core) -> Shape:
    return Text() if core.profile is Profile.V1_9 else Uuid()


async def user_get(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    """A user; 2.0 shows others than oneself only with `user.read`."""
    wanted = str(read_input(core, _user_id(core), raw))
    if core.profile is Profile.V1_9:
        for found in _by_ids(core, [wanted]):
            return found
        raise TRPCError("NOT_FOUND")
    user = core.people.users.get(wanted)
    if wanted != caller.id:
        caller.needs_scope(["user.read"])
    if user is None:
        raise TRPCError("NOT_FOUND", f"User not found: {wanted}")
    return user_json(user, core.people)


async def user_list(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """The users of these ids, then the system clients, in 1.9 as asked for; unknown ones are left out."""
    wanted = read_input(core, ListOf(Text()), raw)
    if core.profile is Profile.V1_9:
        return list(_by_ids(core, wanted))
    users = [user_summary(user, core.people) for user in core.people.users.values() if user.id in wanted]
    return users + [client_json(one) for one in core.people.clients.values() if one.id in wanted]


def _by_ids(core: Core, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
    for one in ids:
        if one in core.people.users:
            yield user_json(core.people.users[one], core.people)
        elif one in core.people.clients:
            yield client_json(core.people.clients[one])


async def user_search(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """A page of the users whom a scope lets the caller find: everywhere, in their area or at their office."""
    granted = caller.needs_scope(["user.search"])
    wanted = read_input(core, _SEARCH, raw)
    office = wanted.get("primaryOfficeId")
    if office:
        _, issues = parse(Uuid(), office, core.zod)
        if issues:
            raise TRPCError("INTERNAL_SERVER_ERROR", issues_text(issues))
    reach, own = _reach(granted), caller.user.office if caller.user else None
    if reach == "location":
        office = own
    area = core.people.places[own].parent if own and reach == "administrativeArea" else None
    asked = {name: wanted[name] for name in ("username", "mobile", "email", "status") if wanted.get(name)}
    found = [
        user
        for user in core.people.users.values()
        if all(getattr(user, name) == value for name, value in asked.items())
        and (not office or user.office == office)
        and (area is None or user.office in core.people.within(area))
    ]
    if wanted["sortBy"] != "createdAt":
        found.sort(key=lambda user: str(getattr(user, wanted["sortBy"])))
    if wanted["sortOrder"] == "desc":
        found.reverse()
    skip = int(wanted["skip"])
    page = found[skip : skip + int(wanted["count"])]
    return [user_summary(user, core.people) | {"status": user.status} for user in page]


def _reach(granted: list[Scope]) -> str:
    """The widest level of any of the scopes; without the option it is everywhere."""
    levels = {(scope.values("accessLevel") or ("all",))[0] for scope in granted}
    return next((level for level in ("all", "administrativeArea", "location") if level in levels), "all")


async def roles_list(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """The roles of the country's configuration."""
    await core.country.load_roles()
    return [{"id": role.id, "scopes": list(role.scopes)} for role in core.people.roles.values()]


async def user_audit_list(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    """What a person did: whoever may read users sees it, and with another scope each their own."""
    wanted = read_input(core, _AUDIT, raw)
    readable, own = caller.granted(["user.read"]), caller.granted(["user.read-only-my-audit"])
    user: User | None = core.people.users.get(wanted["userId"])
    if not (readable or own):
        raise TRPCError("NOT_FOUND")
    if user is None:
        raise TRPCError("NOT_FOUND", f"User not found: {wanted['userId']}")
    if not readable and user.id != caller.id:
        raise TRPCError("NOT_FOUND")
    return core.audit.of(user.id, wanted)
