"""The country's server: what OpenCRVS asks about every action (contract opencrvs §1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from bridge.errors import Refusal
from bridge.flow.receive import Receive
from bridge.handlers.country_config import PassOn
from bridge.opencrvs.authority import NotAcceptable, OtherEvent, asks_for
from bridge.opencrvs.token_checker import TokenChecker
from bridge.serving import bearer, json_object, name_record, read_body, send
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.procedures import TRIGGERING_ACTIONS
from wire.opencrvs.tokens import COUNTRY_CONFIG
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces


class TriggerHandler:
    """`POST /trigger/events/{event}/actions/{action}`."""

    def __init__(
        self,
        receive: Receive,
        tokens: TokenChecker,
        world: World,
        pass_on: PassOn | None,
        traces: Traces | None,
    ) -> None:
        self._receive, self._tokens, self._world = receive, tokens, world
        self._pass_on, self._traces = pass_on, traces

    async def on_action(self, request: web.Request) -> web.StreamResponse:
        """What the country's policy names is answered by the flow, and a REGISTER, which needs a number; the
        rest by the country's own server, or with 200 where there is none.
        """
        began, action = self._world.clock.now(), request.match_info["action"]
        decides = self._receive.decides(request.match_info["event"], action)
        if self._pass_on is not None and not decides:
            return await self._pass_on.pass_on(request)
        if action not in TRIGGERING_ACTIONS:
            raise Refusal(404, "No such action", "OpenCRVS asks about none that is called so")
        token = bearer(request)
        claims = await self._tokens.verify(token, COUNTRY_CONFIG)
        name_record(claims.get("eventId"))
        body = await read_body(request, self._world)
        if not decides and action != "REGISTER":
            named = asks_for(claims, self._receive.profile)
            if named is not None and json_object(body).get("id") != named.event_id:
                raise OtherEvent
            return web.json_response({})
        event = event_document(json_object(body))
        name_record(event["id"])
        if event["type"] != request.match_info["event"]:
            raise Refusal(400, "Another event type", "the body's type differs from the path's")
        reply = await self._receive.on_action(action, event, claims, str(token))
        if reply is None:
            assert self._pass_on is not None
            return await self._pass_on.pass_on(request, body)
        response = web.json_response(dict(reply.body), status=reply.status)
        whole = await send(request, response)
        if self._traces is not None and reply.registration is not None:
            self._traces.triggered(
                reply.registration, began, reply.status, request.headers.get("traceparent")
            )
        await (self._receive.sent(reply) if whole else self._receive.lost(reply))
        return response


def event_document(body: dict[str, Any]) -> EventDocument:
    """The body as an event document; NotAcceptable names the field that is wrong."""
    for name in ("id", "type", "trackingId"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise NotAcceptable(400, "Not an event document", f"{name}: a text is due")
    actions = body.get("actions")
    if not isinstance(actions, list):
        raise NotAcceptable(400, "Not an event document", "actions: a list is due")
    for index, action in enumerate(actions):
        if not isinstance(action, dict):
            raise NotAcceptable(400, "Not an event document", f"actions[{index}]: an object is due")
        for name in ("id", "type", "status"):
            if not isinstance(action.get(name), str):
                raise NotAcceptable(400, "Not an event document", f"actions[{index}].{name}: a text is due")
        for name in ("originalActionId", "requestId", "createdAt", "createdAtLocation", "transactionId"):
            if not isinstance(action.get(name), str | None):
                raise NotAcceptable(400, "Not an event document", f"actions[{index}].{name}: a text is due")
        for name in ("declaration", "annotation"):
            if not isinstance(action.get(name), dict | None):
                raise NotAcceptable(
                    400, "Not an event document", f"actions[{index}].{name}: an object is due"
                )
        for name, value in (action.get("declaration") or {}).items():
            if name.endswith(".verified") and not isinstance(value, str | None):
                raise NotAcceptable(400, "Not an event document", f"{name}: a text is due")
    return cast(EventDocument, body)
