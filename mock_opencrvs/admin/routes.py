"""Our own routes: looking into the records, people, keys, snapshots (`application/problem+json` errors)."""

from __future__ import annotations

import json
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from mock_opencrvs.auth.oauth import Auth
from mock_opencrvs.directory.people import SystemClient, User
from mock_opencrvs.events.core import Core
from mock_opencrvs.state import snapshots
from testbed.admin import Problem, known_parameters, read_json, whole_number
from wire.opencrvs.state import flags, pending_actions, registration_number, status


class UserInput(BaseModel):
    """A person to add; `role` and `office` must exist."""

    model_config = ConfigDict(extra="forbid")

    username: str
    firstname: str
    surname: str
    role: str
    office: str
    password: str = "test"
    mobile: str = "0900000000"


class UserChange(BaseModel):
    """What may be changed of a person."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["active", "pending", "deactivated"] | None = None
    role: str | None = None
    office: str | None = None
    password: str | None = None


class ClientInput(BaseModel):
    """A system client as a country config registers it; ids and secrets are drawn when not given."""

    model_config = ConfigDict(extra="forbid")

    name: str
    scopes: list[str]
    id: str | None = None
    secret: str | None = None


class RecordsAdmin:
    """Routes under /admin that belong to this server."""

    def __init__(self, core: Core, auth: Auth) -> None:
        self._core, self._auth = core, auth

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/admin/records", self._list),
            web.get("/admin/records/{id}", self._one),
            web.get("/admin/users", self._users),
            web.post("/admin/users", self._add_user),
            web.patch("/admin/users/{id}", self._change_user),
            web.get("/admin/clients", self._clients),
            web.post("/admin/clients", self._add_client),
            web.get("/admin/codes", self._codes),
            web.post("/admin/keys/rotate", self._rotate),
            web.get("/admin/snapshot", self._snapshot),
            web.put("/admin/snapshot", self._restore),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        known_parameters(request, "limit", "offset")
        limit, offset = whole_number(request, "limit", 100), whole_number(request, "offset", 0)
        events = list(self._core.records)
        shown = [self._summary(event) for event in events[offset : offset + limit]]
        return web.json_response({"records": shown, "total": len(events)})

    def _summary(self, event: Any) -> dict[str, Any]:
        indexed = self._core.index.get(event["id"])
        return {
            "id": event["id"],
            "type": event["type"],
            "trackingId": event["trackingId"],
            "status": str(status(event)),
            "flags": flags(event, self._core.settings.profile),
            "registrationNumber": registration_number(event),
            "pending": [action["id"] for action in pending_actions(event)],
            "indexedFlags": None if indexed is None else indexed["flags"],
        }

    async def _one(self, request: web.Request) -> web.Response:
        event = self._core.records.find(request.match_info["id"])
        if event is None:
            raise Problem(404, "There is no such record", "Give an id, tracking id or registration number.")
        return web.json_response({**self._summary(event), "document": event})

    async def _users(self, request: web.Request) -> web.Response:
        return web.json_response({"users": [_user(one) for one in self._core.people.users.values()]})

    async def _add_user(self, request: web.Request) -> web.Response:
        wanted = await read_json(request, UserInput)
        people = self._core.people
        self._exists(wanted.role, wanted.office)
        if people.by_username(wanted.username) is not None:
            raise Problem(409, f"{wanted.username} is taken", "Choose another user name.")
        chance = self._core.world.chance
        new_id = chance.bytes(12).hex() if people.profile.bracket_scopes else chance.uuid()
        user = User(id=new_id, email=f"{wanted.username}@example.org", **wanted.model_dump())
        people.users[user.id] = user
        await self._core.persist()
        return web.json_response(_user(user), status=201)

    async def _change_user(self, request: web.Request) -> web.Response:
        wanted = await read_json(request, UserChange)
        people = self._core.people
        key = request.match_info["id"]
        user = people.users.get(key) or people.by_username(key)
        if user is None:
            raise Problem(404, f"There is no user {key}", "GET /admin/users lists them.")
        self._exists(wanted.role or user.role, wanted.office or user.office)
        user = people.replace_user(user, **wanted.model_dump(exclude_none=True))
        await self._core.persist()
        return web.json_response(_user(user))

    def _exists(self, role: str, office: str) -> None:
        people = self._core.people
        if role not in people.roles:
            raise Problem(400, f"There is no role {role}", f"There are: {', '.join(people.roles)}.")
        if office not in people.places:
            raise Problem(400, f"There is no office {office}", "locations.list shows them.")

    async def _clients(self, request: web.Request) -> web.Response:
        return web.json_response({"clients": [_client(one) for one in self._core.people.clients.values()]})

    async def _add_client(self, request: web.Request) -> web.Response:
        wanted = await read_json(request, ClientInput)
        chance, clients = self._core.world.chance, self._core.people.clients
        new_id = wanted.id or chance.uuid()
        if new_id in clients:
            raise Problem(409, f"Client {new_id} exists", "Leave the id out to have one drawn.")
        secret = wanted.secret or chance.uuid()
        client = SystemClient(new_id, wanted.name, secret, chance.uuid(), tuple(wanted.scopes))
        clients[client.id] = client
        await self._core.persist()
        return web.json_response({**_client(client), "secret": client.secret}, status=201)

    async def _codes(self, request: web.Request) -> web.Response:
        return web.json_response({"codes": self._auth.codes()})

    async def _rotate(self, request: web.Request) -> web.Response:
        await self._core.tokens.rotate()
        return web.json_response({"rotated": True})

    async def _snapshot(self, request: web.Request) -> web.Response:
        return web.json_response(snapshots.take(self._core))

    async def _restore(self, request: web.Request) -> web.Response:
        try:
            snapshots.restore(self._core, json.loads(await request.read() or b"null"))
        except snapshots.SnapshotWrong as wrong:
            raise Problem(400, "The snapshot cannot be restored", str(wrong)) from None
        except (ValueError, RecursionError):
            raise Problem(
                400, "The request body is not JSON", "Send what GET /admin/snapshot gave."
            ) from None
        await self._core.persist()
        return web.json_response({"records": len(self._core.records)})


def _user(user: User) -> dict[str, Any]:
    names = ("id", "username", "firstname", "surname", "role", "office", "status")
    return {name: getattr(user, name) for name in names}


def _client(client: SystemClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "scopes": list(client.scopes),
        "active": client.active,
    }
