"""Our own routes: looking into the records, people, keys (`application/problem+json` errors)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from testbed.admin import Problem
from wire.opencrvs.state import flags, pending_actions, registration_number, status

if TYPE_CHECKING:
    from mock_opencrvs.app import Running


class RecordsAdmin:
    """Routes under /admin that belong to this server; `running` is set once it listens."""

    running: Running

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/admin/records", self._list),
            web.get("/admin/records/{id}", self._one),
            web.get("/admin/users", self._users),
            web.get("/admin/codes", self._codes),
            web.post("/admin/keys/rotate", self._rotate),
        ]

    async def reset(self) -> None:
        await self.running.reset()

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"records": [self._summary(event) for event in self.running.records]})

    def _summary(self, event: Any) -> dict[str, Any]:
        profile = self.running.settings.profile
        return {
            "id": event["id"],
            "type": event["type"],
            "trackingId": event["trackingId"],
            "status": str(status(event)),
            "flags": flags(event, profile),
            "registrationNumber": registration_number(event),
            "pending": [action["id"] for action in pending_actions(event)],
            "indexed": (self.running.core.index.get(event["id"]) or {}).get("flags"),
        }

    async def _one(self, request: web.Request) -> web.Response:
        event = self.running.records.find(request.match_info["id"])
        if event is None:
            raise Problem(404, "No such record", "Give an id, a tracking id or a registration number.")
        return web.json_response({**self._summary(event), "document": event})

    async def _users(self, request: web.Request) -> web.Response:
        people = self.running.people
        shown = [
            {"id": u.id, "username": u.username, "role": u.role, "office": u.office, "status": u.status}
            for u in people.users.values()
        ]
        return web.json_response({"users": shown})

    async def _codes(self, request: web.Request) -> web.Response:
        return web.json_response({"codes": self.running.auth.codes()})

    async def _rotate(self, request: web.Request) -> web.Response:
        await self.running.core.tokens.rotate()
        return web.json_response({"rotated": True})
