"""Our own routes over plans, registrations, people, subscriptions; errors are `application/problem+json`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mock_nid.identities.people import STATUSES
from mock_nid.packets.plans import (
    MAGIC_WORDS,
    Forgery,
    Plan,
    PlanRefused,
    plan_from,
    weighted_from,
)
from mock_nid.packets.registrations import IllegalChange, PacketRegistration
from mock_nid.processing.manual_verification import Case, ChangeRefused, IdentityChange
from mock_nid.services import Services
from testbed.admin import Problem, known_parameters, read_json, whole_number
from wire import foreign_json


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Redelivery:
    """What POST …/redeliver takes: a `fresh` event, or one made wrong."""

    forge: Forgery | None = None
    fresh: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class IdentityRequest:
    """What a civil registry asks the desk about the holder of a UIN or VID."""

    wish: IdentityChange
    number: str
    reason: Annotated[str, Field(max_length=1000)] = ""


class AdminHandlers:
    """`/admin/plans`, `…/registrations`, `…/applications`, `…/people`, `…/verifications`, `…/hub`, …"""

    def __init__(self, parts: Services) -> None:
        self._world, self._plans = parts.world, parts.plans
        self._default_plan = parts.settings.default_plan
        self._registry, self._processor = parts.registrations, parts.processor
        self._people, self._lifetimes = parts.people, parts.lifetimes
        self._desk, self._changed = parts.desk, parts.state.changed
        self._applications = parts.applications
        self._directory, self._queues = parts.subscriptions, parts.queues

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/admin/plans", self.show_plans),
            web.delete("/admin/plans", self.clear_plans),
            web.post("/admin/plans/queue", self.enqueue),
            web.put("/admin/plans/default", self.set_default),
            web.put("/admin/plans/registrations/{key}", self.set_for),
            web.delete("/admin/plans/registrations/{key}", self.unset_for),
            web.get("/admin/registrations", self.list_registrations),
            web.get("/admin/registrations/{key}", self.show_registration),
            web.post("/admin/registrations/{key}/redeliver", self.redeliver),
            web.post("/admin/registrations/{key}/{action:issue|reject|fail|stall}", self.act),
            web.get("/admin/applications", self.list_applications),
            web.get("/admin/people", self.list_people),
            web.put("/admin/people/{uin}/status", self.set_status),
            web.get("/admin/verifications", self.list_cases),
            web.post("/admin/verifications", self.ask_desk),
            web.post("/admin/verifications/{number}/approve", partial(self.decide_case, approve=True)),
            web.post("/admin/verifications/{number}/reject", partial(self.decide_case, approve=False)),
            web.get("/admin/subscriptions", self.list_subscriptions),
            web.delete("/admin/subscriptions", self.drop_subscriptions),
            web.post("/admin/hub/restart", self.restart_hub),
        ]

    # plans

    async def show_plans(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._book())

    def _book(self) -> dict[str, Any]:
        plans = self._plans
        return {
            "queue": [plan.described() for plan in plans.queue],
            "registrations": {key: plan.described() for key, plan in plans.fixed.items()},
            "default": plans.default.described(),
            "magic": {word: plan.described() for word, plan in MAGIC_WORDS.items()},
        }

    async def clear_plans(self, request: web.Request) -> web.StreamResponse:
        self._plans.clear(weighted_from(self._default_plan))
        return web.json_response(self._book())

    async def enqueue(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        plans = [_plan(one) for one in (body if isinstance(body, list) else [body])]
        self._plans.enqueue(*plans)
        return web.json_response(self._book(), status=201)

    async def set_default(self, request: web.Request) -> web.StreamResponse:
        try:
            self._plans.set_default(await _json(request))
        except PlanRefused as wrong:
            raise Problem(400, "The plan is not valid", str(wrong)) from None
        return web.json_response(self._book())

    async def set_for(self, request: web.Request) -> web.StreamResponse:
        self._plans.set_for(request.match_info["key"], _plan(await _json(request)))
        return web.json_response(self._book())

    async def unset_for(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        if self._plans.fixed.pop(key, None) is None:
            raise Problem(404, f"No plan is set for {key}", "GET /admin/plans lists them.")
        return web.json_response(self._book())

    # registrations

    async def list_registrations(self, request: web.Request) -> web.StreamResponse:
        known_parameters(request, "limit", "certificateNumber", "status")
        limit = whole_number(request, "limit", 500, at_least=1)
        number, status = request.query.get("certificateNumber"), request.query.get("status")
        rows = [
            registration.shown()
            for registration in self._registry
            if (number is None or registration.packet.certificate_number == number)
            and (status is None or registration.status == status)
        ]
        return web.json_response({"registrations": rows[-limit:], "total": len(rows)})

    async def show_registration(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._must_find(request).shown())

    async def act(self, request: web.Request) -> web.StreamResponse:
        registration = self._must_find(request)
        given = await _optional_object(request)
        if later := sorted({"after", "delay"} & given.keys()):
            raise Problem(
                400,
                f"A decision is made at once: there is no {later[0]}",
                "What is to happen later, PUT /admin/plans/registrations/{key} says before it starts.",
            )
        plan = _plan({**given, "outcome": request.match_info["action"]})
        try:
            ended = await self._processor.settle(registration.id, plan)
        except IllegalChange as wrong:
            raise Problem(409, "The registration does not allow this", str(wrong)) from None
        return web.json_response(ended.shown())

    async def redeliver(self, request: web.Request) -> web.StreamResponse:
        registration = self._must_find(request)
        asked = await read_json(request, Redelivery) if await request.read() else Redelivery()
        try:
            listeners = self._processor.redeliver(registration.id, forge=asked.forge, fresh=asked.fresh)
        except IllegalChange as wrong:
            raise Problem(409, "The registration does not allow this", str(wrong)) from None
        return web.json_response({"listeners": listeners})

    def _must_find(self, request: web.Request) -> PacketRegistration:
        key = request.match_info["key"]
        registration = self._registry.find(key)
        if registration is None:
            raise Problem(
                404,
                f"No registration is known as {key}",
                "GET /admin/registrations lists those that started.",
            )
        return registration

    # pre-registration

    async def list_applications(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"applications": [one.shown() for one in self._applications.values()]})

    # people

    async def list_people(self, request: web.Request) -> web.StreamResponse:
        known_parameters(request, "limit")
        limit = whole_number(request, "limit", 500, at_least=1)
        rows = [
            {
                "uin": person.uin,
                "vids": [vid.vid for vid in self._people.vids_of(person.uin)],
                "name": person.text("fullName"),
                "dateOfBirth": person.text("dateOfBirth"),
                "status": person.status,
                "registrationIds": list(person.registration_ids),
            }
            for person in list(self._people.persons.values())[:limit]
        ]
        return web.json_response({"people": rows, "total": len(self._people.persons)})

    async def set_status(self, request: web.Request) -> web.StreamResponse:
        uin = request.match_info["uin"]
        given = await _optional_object(request)
        status = given.get("status")
        if status not in STATUSES:
            raise Problem(400, "The request body is not valid", f"status: one of {', '.join(STATUSES)}")
        if uin not in self._people.persons:
            raise Problem(404, "No person has this UIN", "GET /admin/people lists them.")
        self._lifetimes.set_status(uin, status, self._world.chance.digits(29))
        return web.json_response({"uin": uin, "status": status})

    # the desk of manual verification

    async def list_cases(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"verifications": [case.shown() for case in self._desk.cases.values()]})

    async def ask_desk(self, request: web.Request) -> web.StreamResponse:
        asked = await read_json(request, IdentityRequest)
        return self._at_desk(lambda: self._desk.ask(asked.wish, asked.number, asked.reason), status=201)

    async def decide_case(self, request: web.Request, *, approve: bool) -> web.StreamResponse:
        number = request.match_info["number"]
        if not (number.isascii() and number.isdigit() and int(number[:15]) in self._desk.cases):
            raise Problem(404, f"No case has the number {number}", "GET /admin/verifications lists them.")
        return self._at_desk(lambda: self._desk.decide(int(number), approve=approve))

    def _at_desk(self, do: Callable[[], Case], *, status: int = 200) -> web.StreamResponse:
        try:
            case = do()
        except ChangeRefused as refused:
            raise Problem(409, "The desk does not do this", str(refused)) from None
        self._changed()
        return web.json_response(case.shown(), status=status)

    # hub

    async def list_subscriptions(self, request: web.Request) -> web.StreamResponse:
        rows = [one.shown() for one in self._directory.subscriptions.values()]
        return web.json_response({"subscriptions": rows, "waiting": self._queues.waiting})

    async def drop_subscriptions(self, request: web.Request) -> web.StreamResponse:
        self._queues.drop_all()
        return await self.list_subscriptions(request)

    async def restart_hub(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"delivered_again": self._queues.restart()})


def _plan(value: Any) -> Plan:
    try:
        return plan_from(value)
    except PlanRefused as wrong:
        raise Problem(400, "The plan is not valid", str(wrong)) from None


async def _json(request: web.Request) -> Any:
    try:
        return foreign_json.read_json(await request.read())
    except ValueError:
        raise Problem(400, "The request body is not JSON", "Send a plan as JSON.") from None


async def _optional_object(request: web.Request) -> dict[str, Any]:
    if not await request.read():
        return {}
    body = await _json(request)
    if not isinstance(body, dict):
        raise Problem(400, "The request body is not valid", "body: an object is due")
    return body
